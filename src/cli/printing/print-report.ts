import {DestinationError, exitCodes, IngestError, messageOf} from '../../errors.js';
import {formatDuration} from '../../format-duration.js';
import type {Report} from '../../report.js';
import type {ProgressOptions} from '../progress/progress.js';
import {explainFailure, type FailedRun} from './explain-failure.js';
import {formatCount, formatCounted, formatTable} from './format.js';
import {listConcerns} from './list-concerns.js';
import {print, printJson, tellWarning} from './print.js';

interface TellOptions extends FailedRun {
  readonly json: boolean;
  readonly quiet?: boolean | undefined;
  readonly progress?: ProgressOptions['progress'];
}

/** Not every table was published: the report, which is printed by then, says of each why. */
class UnpublishedError extends IngestError {
  override readonly name = 'UnpublishedError';
  readonly code = 'E_UNPUBLISHED';
  readonly exitCode: number;

  constructor(report: Report, failed: FailedRun) {
    const {message, hint} = explainFailure(report, failed);
    super(message, {hint});
    this.exitCode = report.exitCode;
    this.loadId = report.resumable ? report.loadId : undefined;
  }
}

/** Prints what became of a run. Throws what its last line is to say, if a table was not published or the report cannot be written. */
export async function tellReport(
  report: Report,
  {json, quiet = false, progress, ...failed}: TellOptions,
): Promise<void> {
  const [printed] = await Promise.allSettled([json ? printJson(report) : print(formatReport(report))]);
  for (const concern of listConcerns(report, {quiet})) tellWarning(progress, concern);
  if (printed.status === 'rejected') throw explainLostReport(report, failed, printed.reason);
  if (report.exitCode !== exitCodes.ok) throw new UnpublishedError(report, failed);
}

function explainLostReport(report: Report, failed: FailedRun, cause: unknown): DestinationError {
  const said = messageOf(cause instanceof Error && cause.cause !== undefined ? cause.cause : cause);
  const {message, hint} =
    report.exitCode === exitCodes.ok
      ? {message: 'Every table asked for is published.', hint: undefined}
      : explainFailure(report, failed);
  const error = new DestinationError(
    `The report of run ${report.loadId} could not be written to stdout (${said}). ${message}`,
    {hint, cause},
  );
  error.loadId = report.resumable ? report.loadId : undefined;
  return error;
}

/** The run as a person reads it. */
export function formatReport(report: Report): string {
  const table = formatTable(
    [
      {title: 'table'},
      {title: 'destination'},
      {title: 'status'},
      {title: 'rows', align: 'right'},
      {title: 'planned', align: 'right'},
      {title: 'requests', align: 'right'},
      {title: 'seconds', align: 'right'},
      {title: 'dates normalised', align: 'right'},
    ],
    report.tables.map(load => [
      load.table,
      load.destination,
      load.status,
      formatCount(load.rows),
      load.plannedRequests === null ? '' : formatCount(load.plannedRequests),
      formatCount(load.requests),
      load.seconds.toFixed(1),
      formatCount(sum(load.invalidDates)),
    ]),
  );
  return `${table}\n${summarise(report)}\n`;
}

function summarise({tables, requests, retries, rateLimited, seconds, loadId}: Report): string {
  const published = tables.filter(({status}) => status === 'published');
  const rows = published.reduce((total, load) => total + load.rows, 0);
  const trouble =
    retries + rateLimited === 0 ? '' : ` (${formatCount(retries)} retried, ${formatCount(rateLimited)} rate limited)`;
  return `${published.length} of ${formatCounted(tables.length, 'table')} published: ${formatCounted(rows, 'row')}, ${formatCounted(requests, 'request')}${trouble}, ${formatDuration(seconds)}. Load ${loadId}.`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
