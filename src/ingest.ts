import type {CastOptions, Destination, Load, Published, Target} from './destination/destination.js';
import {
  CredentialsError,
  DriftError,
  exitCodes,
  IncompleteError,
  IngestError,
  InterruptedError,
  messageOf,
} from './errors.js';
import type {Report, ReportedError, TableReport} from './report.js';
import type {Docebo} from './source/docebo.js';
import {type Extraction, Extractor} from './source/extract.js';
import {openRunFolder, type RunFolder} from './spool/run-folder.js';
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
  /** How often what rows moved in while it was read is read again. @default 2 */
  readonly driftRetries?: number;
}

const defaultDriftRetries = 2;

type Extracted = Run['loads'][number] & {readonly result: PromiseSettledResult<Extraction>};

/**
 * Lands every table, proves it, and publishes together those that are whole; the others keep what they had and are named.
 * Throws only what stops the whole run: UsageError, CredentialsError, DestinationError, InterruptedError.
 */
export async function ingest(run: Run): Promise<Report> {
  const {docebo, destination, loads, stateDir} = run;
  const startedAt = new Date();
  await destination.check(loads.map(({target}) => target));
  const folder = await openRunFolder(stateDir, docebo.origin, startedAt);
  try {
    const driftRetries = run.driftRetries ?? defaultDriftRetries;
    const extractor = new Extractor({...docebo, runFolder: folder.path, driftRetries});
    const {extracted, published} = await extractAndPublish(run, extractor, folder, driftRetries);
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

/** A table in which rows moved shows it when it is staged. It is read again, and holds back all others meanwhile. */
async function extractAndPublish(run: Run, extractor: Extractor, folder: RunFolder, driftRetries: number) {
  const {docebo, loads} = run;
  let extracted = await extractEach(docebo, loads, async table => extractor.extract(table));
  for (let retry = 0; ; retry++) {
    const published = await publish(run, folder, extracted, retry < driftRetries);
    const moved = new Set(published.filter(({error}) => error instanceof DriftError).map(({table}) => table));
    if (moved.size === 0 || retry >= driftRetries) return {extracted, published};
    extracted = await extractEach(docebo, loads, async table =>
      moved.has(table.name) ? extractor.extractAgain(table) : extractor.extract(table),
    );
  }
}

async function publish(
  {docebo, destination, cast, allOrNothing}: Run,
  {loadId, path}: RunFolder,
  extracted: readonly Extracted[],
  awaitDrift: boolean,
): Promise<readonly Published[]> {
  const isHeldBack = allOrNothing && extracted.some(({result}) => result.status === 'rejected');
  const whole = isHeldBack ? [] : extracted.flatMap(toLoad);
  if (whole.length === 0) return [];
  docebo.onEvent({type: 'publishing', tables: whole.length});
  return destination.publish(whole, {...cast, loadId, workDir: path, allOrNothing, awaitDrift});
}

async function extractEach(
  docebo: Docebo,
  loads: Run['loads'],
  extract: (table: Table) => Promise<Extraction>,
): Promise<readonly Extracted[]> {
  const extracted = await Promise.all(
    loads.map(async (load): Promise<Extracted> => {
      try {
        return {...load, result: {status: 'fulfilled', value: await extract(load.table)}};
      } catch (reason) {
        docebo.onEvent({type: 'table_failed', table: load.table.name, message: messageOf(reason)});
        return {...load, result: {status: 'rejected', reason}};
      }
    }),
  );
  if (docebo.signal.aborted)
    throw new InterruptedError('Interrupted: nothing was published, every table is as it was.');
  const reasons = extracted.map(({result}) => (result.status === 'rejected' ? result.reason : undefined));
  const bug = reasons.find(reason => reason !== undefined && !(reason instanceof IngestError));
  if (bug !== undefined) throw bug;
  const roots = reasons.map(findRoot);
  if (roots.every(root => root instanceof CredentialsError)) throw roots[0];
  return extracted;
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
    plannedRequests: extraction?.planned ?? null,
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
  const {name, code, message} = error;
  const root = findRoot(error);
  const {exitCode, hint: rootHint} = root instanceof IngestError ? root : error;
  const hint = error.hint ?? rootHint;
  const missing = error instanceof IncompleteError && error.missing.length > 0 ? {missing: error.missing} : {};
  return {name, code, exitCode, message, ...(hint !== undefined && {hint}), ...missing};
}

/** One table that could not be published makes the run incomplete; if all failed for one reason, that reason's code says more. */
function chooseExitCode(tables: readonly TableReport[]): number {
  const codes = new Set(tables.map(({error}) => error?.exitCode ?? exitCodes.ok));
  const [only] = codes;
  return codes.size === 1 && only !== undefined ? only : exitCodes.incomplete;
}
