import type {Destination, Ledger, LedgerRow, Published, RecordOptions, Target} from './destination/destination.js';
import {boundText, boundWarnings} from './destination/ledger.js';
import {readingOf} from './destination/older.js';
import {DestinationError, IngestError, messageOf} from './errors.js';
import type {OnEvent, TableReport} from './report.js';
import {type Extracted, findStanding, reportEach, toLoads} from './report-tables.js';

/** The load that the ledger's rows are about. */
export interface LedgerFacts extends RecordOptions {
  readonly loadId: string;
  readonly startedAt: Date;
}

/** Asks first what is there: within the transaction that publishes there is no asking. */
export async function openLedger(
  facts: LedgerFacts,
  extracted: readonly Extracted[],
  destination: Destination,
): Promise<Ledger> {
  const standing = await destination.findStanding(extracted.map(({target}) => target));
  return published => makeRows(facts, extracted, destination, published, standing);
}

/**
 * Notes tables of which none was published: the destination notes the others with their rows. Best effort, because what the run has to say
 * is why they were not published.
 */
export async function recordUnpublished(
  facts: LedgerFacts,
  extracted: readonly Extracted[],
  destination: Destination,
  published: readonly Published[],
  onEvent: OnEvent,
): Promise<void> {
  if (destination.record === undefined || published.some(({error}) => error === undefined)) return;
  try {
    const standing = await findStanding(extracted, destination, published);
    const rows = makeRows(facts, extracted, destination, published, standing);
    const warnings = await destination.record(rows, facts);
    for (const message of warnings) onEvent({type: 'note', message});
  } catch (error) {
    onEvent({type: 'debug', message: `The load was not noted: ${messageOf(error)}`});
  }
}

/** Notes a run that an error has ended before anything was published. A destination that has failed is left alone. */
export async function recordFailure(
  facts: LedgerFacts,
  loads: readonly Pick<Extracted, 'table' | 'target'>[],
  destination: Destination,
  error: unknown,
  onEvent: OnEvent,
): Promise<void> {
  if (!(error instanceof IngestError) || error instanceof DestinationError) return;
  const failed = loads.map(({table, target}) => ({
    table,
    target,
    result: {status: 'rejected' as const, reason: error},
  }));
  // The error that ended the run is the one to tell, whatever else fails.
  await recordUnpublished(facts, failed, destination, [], onEvent).catch(() => undefined);
}

function makeRows(
  facts: LedgerFacts,
  extracted: readonly Extracted[],
  destination: Destination,
  published: readonly Published[],
  standing: ReadonlySet<Target>,
): readonly LedgerRow[] {
  const readings = new Map(toLoads(extracted).map(load => [load.target, readingOf(load, facts.loadId).readAtMs]));
  const endedAt = new Date().toISOString();
  return reportEach(extracted, destination, published, standing).map((report, i) => {
    const target = extracted[i]?.target ?? {schema: null, name: report.table};
    return {target, values: {...toValues(report), ...writeTimes(facts, endedAt, readings.get(target))}};
  });
}

function writeTimes({loadId, startedAt}: LedgerFacts, endedAt: string, readAtMs: number | undefined) {
  const isKnown = readAtMs !== undefined && !Number.isNaN(readAtMs);
  return {
    load_id: loadId,
    started_at: startedAt.toISOString(),
    ended_at: endedAt,
    complete_as_of: isKnown ? new Date(readAtMs).toISOString() : null,
  };
}

function toValues(report: TableReport) {
  const isPublished = report.status === 'published';
  const count = (counts: Readonly<Record<string, number>>) =>
    isPublished ? Object.values(counts).reduce((sum, each) => sum + each, 0) : null;
  const said = report.error?.message ?? report.absence;
  return {
    strategy: report.route === null ? null : report.strategy,
    route: report.route,
    rows: isPublished ? report.rows : null,
    changed: report.changed ?? null,
    removed: report.removed ?? null,
    calls: report.requests,
    invalid_dates: count(report.invalidDates),
    cast_failures: count(report.castFailures),
    warnings: boundWarnings(report.warnings),
    status: report.status,
    error: said === undefined ? null : boundText(said),
  };
}
