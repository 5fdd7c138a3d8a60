import {IncompleteError, RejectedError, ResponseError} from '../../errors.js';
import {describeReport, resultsRoute, startRoute, statusRoute} from '../../export-table.js';
import {formatDuration} from '../../format-duration.js';
import {parseExact} from '../../json/raw-record.js';
import type {ApiRoute, DoceboReport} from '../../table.js';
import type {Docebo} from '../docebo.js';
import {isRouteRefusal} from '../http/policy.js';
import {readMember, refuseErrorBody} from '../lists/envelope.js';
import {formatRequest} from '../lists/request.js';
import type {FanOutContext} from './fan-out.js';

/** Only the first word is known. The others are what such services say. tables/API.md#report-exports */
const successes = /^(succeeded|success(ful)?|completed?|done|finished)$/i;
const failures =
  /^(fail(ed|ure)?|error(ed)?|cancell?ed|aborted|timed?[_ ]?out|expired|killed|stopped|rejected|deleted|invalid)$/i;

const [firstPauseMs, longestPauseMs, pauseGrowth] = [1000, 30_000, 1.5];
const tellAgainMs = 60_000;
/** So often an export that was just started may be unknown. */
const mostUnknown = 4;

export const defaultReportTimeoutMs = 30 * 60_000;

export interface ExportContext extends Pick<FanOutContext, 'table' | 'spool' | 'calls' | 'client' | 'clock'> {
  readonly signal: AbortSignal;
  readonly onEvent: Docebo['onEvent'];
  /** How long Docebo may take to prepare an export. @default half an hour */
  readonly reportTimeoutMs?: number;
}

/** One export of a report, which Docebo prepares before it can be read. It is started once, even if the run is resumed. */
export class ReportExport {
  readonly #report: DoceboReport;
  readonly #context: ExportContext;
  #isReady = false;

  constructor(report: DoceboReport, context: ExportContext) {
    this.#report = report;
    this.#context = context;
  }

  /** Resolves with what the requests for its rows bind, once it can be read. Throws IncompleteError if it never can. */
  async ready(): Promise<Readonly<Record<string, string>>> {
    const {spool} = this.#context;
    if (!this.#isReady) await this.#prepare(spool.startedExport?.id ?? null);
    this.#isReady = true;
    return this.#bind(spool.startedExport?.id ?? '');
  }

  /** Forgets the export and all that has landed of it: rows of two exports are not mixed. */
  async discard(): Promise<void> {
    this.#isReady = false;
    await this.#context.spool.empty();
  }

  /** Forgets what has landed of the export, but not the export. */
  async forgetRows(): Promise<void> {
    const {spool} = this.#context;
    const started = spool.startedExport;
    await spool.empty();
    if (started !== null) await spool.noteExport(started);
  }

  async #prepare(earlierId: string | null): Promise<void> {
    const {spool, calls} = this.#context;
    calls.plan(false);
    if (earlierId !== null) {
      if (await this.#wait(earlierId, {isNew: false})) return;
      await this.discard();
      calls.expect(1);
    }
    const id = await this.#start();
    await spool.noteExport({id, started_at: new Date().toISOString()});
    calls.expect(1);
    if (!(await this.#wait(id, {isNew: true})))
      throw this.#fail(`Docebo does not know the export ${id} that it started`);
  }

  async #start(): Promise<string> {
    try {
      return await this.#ask(startRoute, '', (envelope, request) => {
        const id = readMember(envelope, 'executionId', 'execution_id');
        if (id !== null) return id;
        refuseErrorBody(envelope, 0);
        throw new ResponseError(`${request}: the reply does not name the export that was started.`);
      });
    } catch (cause) {
      if (!(cause instanceof RejectedError)) throw cause;
      const why = cause.status === 404 ? 'is not there (any more), or not for this user' : 'cannot be exported';
      throw this.#fail(`${describeReport(this.#report)} ${why}: ${cause.message}`, {
        hint: cause.hint ?? 'docebo-ingest reports lists the reports that there are.',
        cause,
      });
    }
  }

  /** Waits until the export can be read. False if Docebo does not know it, which it may say a few times of one that is new. */
  async #wait(id: string, {isNew}: {readonly isNew: boolean}): Promise<boolean> {
    const {clock, signal, calls, reportTimeoutMs = defaultReportTimeoutMs} = this.#context;
    const startedMs = clock.now();
    let [unknown, toldMs, told] = [0, Number.NEGATIVE_INFINITY, ''];
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * pauseGrowth)) {
      const status = await this.#askStatus(id, isNew);
      if (successes.test(status ?? '')) return true;
      if (failures.test(status ?? '')) {
        await this.discard();
        throw this.#fail(`Docebo could not prepare ${describeReport(this.#report)}: the export ended as ${status}`);
      }
      if (status === null && unknown++ >= (isNew ? mostUnknown : 0)) return false;
      const said = status ? JSON.stringify(status) : 'not told';
      const leftMs = startedMs + reportTimeoutMs - clock.now();
      if (leftMs <= 0) throw this.#tooSlow(said, reportTimeoutMs);
      if (said !== told || clock.now() - toldMs >= tellAgainMs) {
        [told, toldMs] = [said, clock.now()];
        this.#tellWait(said, leftMs);
      }
      await clock.sleep(Math.min(pauseMs, leftMs), signal);
      calls.expect(1);
    }
  }

  /** What Docebo says of the export; empty if nothing, null if there is none. */
  async #askStatus(id: string, isNew: boolean): Promise<string | null> {
    try {
      return await this.#ask(statusRoute, id, envelope => {
        const status = readMember(envelope, 'status');
        if (status === null) refuseErrorBody(envelope, 0);
        return status ?? '';
      });
    } catch (cause) {
      if (!isRouteRefusal(cause)) throw cause;
      if (isNew) return this.#tryResults(id);
      // What has landed of it is only given up if it is gone.
      if (cause.status === 404 || cause.status === 400) return null;
      const what = `Docebo does not say how far the export of ${describeReport(this.#report)} is: ${cause.message}`;
      throw this.#fail(what, {hint: cause.hint, cause});
    }
  }

  /** Not every client asks how far an export is: one asks for the rows until they no longer answer 400. tables/API.md#report-exports */
  async #tryResults(id: string): Promise<string | null> {
    this.#context.calls.expect(1);
    try {
      await this.#ask(resultsRoute, id, () => undefined, {pageSize: '1', nextToken: ''});
      return 'SUCCEEDED';
    } catch (cause) {
      if (!isRouteRefusal(cause)) throw cause;
      return cause.status === 400 ? '' : null;
    }
  }

  async #ask<T>(
    route: ApiRoute,
    id: string,
    read: (envelope: unknown, request: string) => T,
    query: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const {client, calls} = this.#context;
    const path = formatRequest(route, this.#bind(id), query);
    const count = () => {
      calls.made++;
    };
    return client.get(path, body => read(parseExact(body).value, `GET ${path}`), count);
  }

  #bind(executionId: string) {
    return {reportId: this.#report.id, executionId};
  }

  #tellWait(said: string, leftMs: number): void {
    const {table, onEvent} = this.#context;
    const reason = `Docebo prepares ${describeReport(this.#report)}, whose status is ${said}`;
    onEvent({type: 'waiting', table: table.name, reason, seconds: leftMs / 1000, waitsFor: 'report'});
  }

  #tooSlow(said: string, timeoutMs: number): IncompleteError {
    const waited = formatDuration(timeoutMs / 1000);
    return this.#fail(
      `Docebo has not prepared ${describeReport(this.#report)} within ${waited}: its status is ${said}`,
      {
        hint: 'The export goes on at Docebo, and --resume waits for the same one. Or allow more time with --report-timeout.',
      },
    );
  }

  #fail(what: string, options: {hint?: string | undefined; cause?: unknown} = {}): IncompleteError {
    return new IncompleteError(`${this.#context.table.name}: ${what}.`.replace(/\.\.$/, '.'), options);
  }
}
