import type {CastOptions, Destination, Load, Published, Target} from './destination/destination.js';
import {CredentialsError, exitCodes, IncompleteError, IngestError, InterruptedError} from './errors.js';
import type {Report, ReportedError, TableReport} from './report.js';
import type {Docebo} from './source/docebo.js';
import {type Extraction, Extractor} from './source/extract.js';
import {openRunFolder} from './spool/run-folder.js';
import type {Table} from './table.js';

export interface Run {
  readonly docebo: Docebo;
  readonly destination: Destination;
  readonly loads: readonly {readonly table: Table; readonly target: Target}[];
  /** Where records land before they are published. */
  readonly stateDir: string;
  readonly cast: CastOptions;
  /** All tables or none, instead of every table that is proved. */
  readonly allOrNothing: boolean;
}

type Extracted = Run['loads'][number] & {readonly result: PromiseSettledResult<Extraction>};

/**
 * Lands every table, proves it, and publishes together those that are whole; the others keep what they had and are named.
 * Throws only what stops the whole run: UsageError, CredentialsError, DestinationError, InterruptedError.
 */
export async function ingest({docebo, destination, loads, stateDir, cast, allOrNothing}: Run): Promise<Report> {
  const startedAt = new Date();
  await destination.check(loads.map(({target}) => target));
  const folder = await openRunFolder(stateDir, docebo.origin, startedAt);
  try {
    const extracted = await extractAll(docebo, folder.path, loads);
    const whole =
      allOrNothing && extracted.some(({result}) => result.status === 'rejected') ? [] : extracted.flatMap(toLoad);
    if (whole.length > 0) docebo.onEvent({type: 'publishing', tables: whole.length});
    const options = {...cast, loadId: folder.loadId, workDir: folder.path, allOrNothing};
    const published = whole.length > 0 ? await destination.publish(whole, options) : [];
    const tables = extracted.map(each => reportTable(each, destination, published));
    return {
      loadId: folder.loadId,
      tenant: docebo.origin,
      destination: destination.label,
      startedAt: startedAt.toISOString(),
      seconds: (Date.now() - startedAt.getTime()) / 1000,
      ...docebo.client.counts,
      tokenRequests: docebo.client.tokenRequests,
      tables,
      exitCode: chooseExitCode(tables),
    };
  } finally {
    await folder.remove();
  }
}

async function extractAll(docebo: Docebo, runFolder: string, loads: Run['loads']): Promise<readonly Extracted[]> {
  const extractor = new Extractor({...docebo, runFolder});
  const results = await Promise.allSettled(
    loads.map(async ({table}) => {
      try {
        return await extractor.extract(table);
      } catch (error) {
        docebo.onEvent({
          type: 'table_failed',
          table: table.name,
          message: error instanceof Error ? error.message : String(error),
        });
        throw error;
      }
    }),
  );
  if (docebo.signal.aborted)
    throw new InterruptedError('Interrupted: nothing was published, every table is as it was.');
  const bug = results.find(result => result.status === 'rejected' && !(result.reason instanceof IngestError));
  if (bug?.status === 'rejected') throw bug.reason;
  const roots = results.map(result => (result.status === 'rejected' ? findRoot(result.reason) : undefined));
  if (roots.every(root => root instanceof CredentialsError)) throw roots[0];
  return loads.map((load, index) => ({
    ...load,
    result: results[index] ?? {status: 'rejected', reason: new Error('not run')},
  }));
}

/** A child is incomplete because its parent failed: what befell the parent says what to do. */
function findRoot(error: unknown): unknown {
  return error instanceof IncompleteError && error.cause instanceof IngestError ? findRoot(error.cause) : error;
}

function toLoad({table, target, result}: Extracted): readonly Load[] {
  return result.status === 'fulfilled' ? [{table, target, spooled: result.value.spooled}] : [];
}

function reportTable(
  {table, target, result}: Extracted,
  destination: Destination,
  published: readonly Published[],
): TableReport {
  const outcome = published.find(each => each.table === table.name);
  const extraction = result.status === 'fulfilled' ? result.value : undefined;
  const error =
    result.status === 'rejected' ? result.reason : (outcome?.error ?? (outcome === undefined ? heldBack() : undefined));
  return {
    table: table.name,
    destination: destination.describe(target),
    status: error === undefined ? 'published' : 'kept',
    route: extraction?.route ?? null,
    rows: outcome?.rows ?? 0,
    requests: extraction?.requests ?? 0,
    seconds: extraction?.seconds ?? 0,
    invalidDates: outcome?.invalidDates ?? {},
    castFailures: outcome?.castFailures ?? {},
    undeclared: Object.fromEntries(
      [...(extraction?.spooled.undeclared ?? [])].map(([key, types]) => [key, [...types]]),
    ),
    tolerated: extraction?.tolerated ?? [],
    warnings: [...(extraction?.warnings ?? []), ...(outcome?.warnings ?? [])],
    ...(error !== undefined && {error: describeError(error)}),
  };
}

function heldBack(): IncompleteError {
  return new IncompleteError('Held back because another table of this run is not complete (--publish all-or-nothing).');
}

function describeError(error: unknown): ReportedError {
  if (!(error instanceof IngestError))
    return {name: 'Error', code: 'E_BUG', exitCode: exitCodes.bug, message: String(error)};
  const {name, code, message, hint} = error;
  const root = findRoot(error);
  const exitCode = root instanceof IngestError ? root.exitCode : error.exitCode;
  return {name, code, exitCode, message, ...(hint !== undefined && {hint})};
}

/** One table that could not be published makes the run incomplete; if all failed for one reason, that reason's code says more. */
function chooseExitCode(tables: readonly TableReport[]): number {
  const codes = new Set(tables.map(({error}) => error?.exitCode ?? exitCodes.ok));
  const [only] = codes;
  return codes.size === 1 && only !== undefined ? only : exitCodes.incomplete;
}
