import {join} from 'node:path';
import {formatDestinationUri} from './destination-uri.js';
import {exitCodes, IncompleteError, IngestError} from './errors.js';
import {choose, type PublishRun, publish, waitForRun} from './ingest.js';
import {recordUnpublished} from './ledger-rows.js';
import type {OnEvent, Report} from './report.js';
import {chooseExitCode, type Extracted, rejectOrphans, reportTables} from './report-tables.js';
import {openExtraction} from './source/tables/extract.js';
import {holdRun, refuseForeignVersion} from './spool/run-folder.js';
import type {RunRecord} from './spool/run-record.js';
import {runsFolder} from './spool/runs.js';
import type {Table} from './table.js';

/** Choices left out are those of the run. */
export interface LoadRun extends PublishRun {
  readonly record: RunRecord;
  /** The declarations of the tables that the run read. */
  readonly loads: readonly {readonly table: Table; readonly target: Extracted['target']}[];
  readonly onEvent?: OnEvent;
  /** Ends waiting for the destination. */
  readonly signal?: AbortSignal;
}

/** Publishes what a run has landed, without a call to Docebo. A table that is not whole keeps its earlier version. */
export async function load(run: LoadRun): Promise<Report> {
  refuseForeignVersion(run.record);
  const {onEvent = () => {}, signal} = run;
  const held = await holdRun(run.stateDir, run.record.loadId, waitForRun({onEvent, ...(signal && {signal})}));
  try {
    return await loadHeld({...run, ...choose(run, run.record.choices)});
  } catch (error) {
    if (error instanceof IngestError) error.loadId = run.record.loadId;
    throw error;
  } finally {
    await held.release().catch(() => undefined);
  }
}

async function loadHeld(run: LoadRun): Promise<Report> {
  const {record, destination, loads, stateDir, onEvent = () => {}, signal} = run;
  const [startedAt, startedMs] = [new Date(), performance.now()];
  for (const message of await destination.check(loads.map(({target}) => target))) onEvent({type: 'note', message});
  const path = join(runsFolder(stateDir), record.loadId);
  const facts = {loadId: record.loadId, startedAt, workDir: path, signal};
  const opened = await Promise.all(
    loads.map(async (each): Promise<Extracted> => {
      const [result] = await Promise.allSettled([openExtraction(path, each.table)]);
      if (result.status === 'rejected' && !(result.reason instanceof IncompleteError)) throw result.reason;
      return {...each, result};
    }),
  );
  const extracted = rejectOrphans(opened);
  const isHeldBack = run.allOrNothing && extracted.some(({result}) => result.status === 'rejected');
  const published = isHeldBack
    ? []
    : await publish(run, {tenant: record.tenant, onEvent, ...(signal && {signal})}, facts, extracted, false);
  const {cast} = choose(run);
  if (cast.loadMetadata) await recordUnpublished(facts, extracted, destination, published, onEvent);
  const tables = await reportTables(extracted, destination, published);
  const exitCode = chooseExitCode(tables);
  return {
    loadId: record.loadId,
    tenant: record.tenant,
    destination: formatDestinationUri(destination.address),
    startedAt: startedAt.toISOString(),
    seconds: (performance.now() - startedMs) / 1000,
    requests: 0,
    retries: 0,
    rateLimited: 0,
    tokenRequests: 0,
    invalidDatesBecome: cast.invalidDates,
    tables,
    resumable: exitCode !== exitCodes.ok,
    exitCode,
  };
}
