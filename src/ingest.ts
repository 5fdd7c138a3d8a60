import {join} from 'node:path';
import {type Accepted, defaultChoices, defaultDriftRetries, type MergeChoices, type PublishChoices} from './choices.js';
import {writeCommand} from './command-line.js';
import type {Destination, Load, Published} from './destination/destination.js';
import {canBeReadWhole} from './destination/outcome.js';
import {formatDestinationUri, isProtocol} from './destination-uri.js';
import {
  DestinationError,
  DriftError,
  exitCodes,
  IngestError,
  InterruptedError,
  messageOf,
  RouteChangeError,
} from './errors.js';
import {type AskedTable, extractTables, markAbsent, readAgain} from './extract-tables.js';
import {fieldListsOf, recallFields} from './field-memory.js';
import {type LedgerFacts, openLedger, recordFailure, recordUnpublished} from './ledger-rows.js';
import type {Report} from './report.js';
import {chooseExitCode, type Extracted, isLacking, reportTables, toLoads} from './report-tables.js';
import {fullRouteName} from './routes.js';
import type {Docebo} from './source/docebo.js';
import {Extractor} from './source/tables/extract.js';
import {mergeableRoutes} from './source/tables/merge-table.js';
import {openRouteMemory, type RouteMemory} from './source/tables/route-memory.js';
import {tenantFolder} from './source/tenant.js';
import {Bases} from './spool/bases.js';
import type {Patience} from './spool/claim.js';
import {createRun, type RunFolder, resumeRun} from './spool/run-folder.js';

/** Where and how records become published tables. Choices left out are those of `defaultChoices`. */
export interface PublishRun extends Partial<PublishChoices> {
  readonly destination: Destination;
  /** The folder where records land before they are published. They stay there for some runs. */
  readonly stateDir: string;
  /** Whether a table may be replaced by records that were read before it. @default false */
  readonly allowOlder?: boolean;
}

export interface Run extends PublishRun {
  readonly docebo: Docebo;
  readonly loads: readonly AskedTable[];
  /** How often a part of a list in which rows moved is read again. @default 3 */
  readonly driftRetries?: number;
  /** Resumes the run of this load id, or the last one (`true`), asking only for what is missing. */
  readonly resume?: string | true;
  /** How long Docebo may take to prepare the export of a report, in milliseconds. @default 30 minutes */
  readonly reportTimeoutMs?: number;
  /** How many spools of ended runs are kept, this one included. @default 3 */
  readonly keepRuns?: number;
  /** Reads only what has changed where Docebo tells that. @default whole tables */
  readonly merge?: MergeChoices;
  /** Whether whole tables are read all the same, and change filters that were seen to fail are tried again. @default false */
  readonly fullRefresh?: boolean;
  /** For tests: which pages are audited. At least 0 and below 1. @default Math.random */
  readonly random?: () => number;
}

const defaultKeepRuns = 3;

/**
 * Lands and proves every table, and publishes together those that are whole; the report names the others, which keep their earlier
 * version. Throws only what stops the whole run: UsageError, CredentialsError, DestinationError, InterruptedError.
 */
export async function ingest(run: Run): Promise<Report> {
  const {docebo, destination, loads, keepRuns = defaultKeepRuns} = run;
  const [startedAt, startedMs] = [new Date(), performance.now()];
  const notes = await destination.check(loads.map(({target}) => target));
  for (const message of notes) docebo.onEvent({type: 'note', message});
  const folder = await openRun(run, startedAt);
  const {cast} = choose(run);
  const facts = {loadId: folder.loadId, startedAt, workDir: folder.path, signal: docebo.signal};
  let extracted: readonly Extracted[] = [];
  try {
    const published = await extractAndPublish(run, folder, facts, each => {
      extracted = each;
    });
    if (cast.loadMetadata) await recordUnpublished(facts, extracted, destination, published, docebo.onEvent);
    const tables = await reportTables(extracted, destination, published);
    const exitCode = chooseExitCode(tables);
    const isComplete = exitCode === exitCodes.ok;
    const absent = extracted.filter(({absence}) => absence !== undefined).map(({table}) => table.name);
    const isKept = await folder.end(isComplete ? 'published' : 'incomplete', keepRuns, absent);
    return {
      loadId: folder.loadId,
      tenant: docebo.tenant,
      destination: formatDestinationUri(destination.address),
      startedAt: startedAt.toISOString(),
      seconds: (performance.now() - startedMs) / 1000,
      ...docebo.client.counts,
      tokenRequests: docebo.client.tokenRequests,
      invalidDatesBecome: cast.invalidDates,
      tables,
      resumable: isKept && !isComplete,
      exitCode,
    };
  } catch (error) {
    if (cast.loadMetadata && !docebo.signal.aborted)
      await recordFailure(facts, loads, destination, error, docebo.onEvent);
    const isKept = await folder.end(docebo.signal.aborted ? 'interrupted' : 'failed', keepRuns);
    const lacking = extracted.filter(isLacking).map(({table}) => table.name);
    const loadId = isKept ? folder.loadId : undefined;
    const told = sayHowToGoOn(error, docebo.signal, loadId, lacking, run);
    if (told instanceof IngestError) told.loadId = loadId;
    throw told;
  }
}

async function openRun({docebo, destination, loads, stateDir, resume, ...told}: Run, now: Date): Promise<RunFolder> {
  const facts = {
    tenant: docebo.tenant,
    pageSize: docebo.pageSize,
    loads: loads.map(({table: {name, exportOf, filtered}, target}) => ({
      table: name,
      ...target,
      ...(exportOf !== undefined && {exportOf}),
      ...(filtered !== undefined && {filtered}),
    })),
    destination: destination.address,
    choices: choose(told),
    ...(told.merge !== undefined && told.fullRefresh !== true && {isMerge: true as const}),
  };
  if (resume === undefined) return createRun(stateDir, facts, now);
  return resumeRun(stateDir, resume === true ? null : resume, facts, waitForRun(docebo));
}

/** Waits to see whether a process elsewhere still works on a run, and emits an event for it. */
export function waitForRun({onEvent, signal}: Pick<Docebo, 'onEvent'> & Partial<Pick<Docebo, 'signal'>>): Patience {
  const reason = 'the run may still be running in another container or on another machine';
  return {signal, onWait: ms => onEvent({type: 'waiting', reason, seconds: ms / 1000, waitsFor: 'run'})};
}

/** The choices given, and for the rest those made before. */
export function choose(told: Partial<PublishChoices>, before = defaultChoices): PublishChoices {
  return {
    cast: {...before.cast, ...told.cast},
    allOrNothing: told.allOrNothing ?? before.allOrNothing,
    maxShrinkPercent: told.maxShrinkPercent ?? before.maxShrinkPercent,
    allowEmpty: told.allowEmpty ?? before.allowEmpty,
    allowRouteChange: told.allowRouteChange ?? before.allowRouteChange,
    accept: told.accept ?? before.accept,
    customFields: told.customFields ?? before.customFields ?? 'id',
  };
}

/** Only staging shows that rows moved in a table. It is then read again, and holds back all others meanwhile. */
async function extractAndPublish(
  run: Run,
  folder: RunFolder,
  facts: LedgerFacts,
  onExtracted: (extracted: readonly Extracted[]) => void,
): Promise<readonly Published[]> {
  const {docebo, loads, stateDir, driftRetries = defaultDriftRetries, allowRouteChange = false} = run;
  const memory = openRouteMemory(stateDir, docebo, allowRouteChange);
  const namedBy = run.customFields ?? 'id';
  const bases = new Bases(tenantFolder(stateDir, docebo.tenant));
  const asked = new Set(loads.map(({table}) => table));
  const {merge: choices, fullRefresh: isFullRefresh = false, random} = run;
  const extractor = new Extractor({
    ...docebo,
    ...(choices !== undefined && {
      merging: {bases, choices, isFullRefresh, accept: run.accept ?? {}, asked, ...(random !== undefined && {random})},
    }),
    runFolder: folder.path,
    lost: folder.lost,
    driftRetries,
    memory,
    accept: run.accept ?? {},
    // Few runs need it.
    convertCsv: async (...files) => (await import('./engine/csv.js')).convertCsv(...files),
    ...(run.reportTimeoutMs !== undefined && {reportTimeoutMs: run.reportTimeoutMs}),
  });
  for (let retry = 0; ; retry++) {
    const extracted = await markAbsent(extractor, run.destination, await extractTables(docebo, extractor, loads));
    onExtracted(extracted);
    if (namedBy === 'title') {
      // Without them the fields keep their numbers, so a refusal is no failure.
      await Promise.allSettled(fieldListsOf(toLoads(extracted)).map(async each => extractor.extract(each)));
      docebo.signal.throwIfAborted();
    }
    await folder.confirm();
    const isHeldBack = run.allOrNothing && extracted.some(isLacking);
    const published = isHeldBack ? [] : await publish(run, docebo, facts, extracted, retry < driftRetries);
    const read = toLoads(extracted);
    const failed = await findFailedMerges(memory, read, published);
    for (const {table, error} of published)
      if (error instanceof RouteChangeError && !failed.has(table)) await memory.forget(table);
    // Who keeps no run and merges nothing wants no records kept.
    if (choices !== undefined || (run.keepRuns ?? defaultKeepRuns) > 0)
      await renewBases(bases, docebo, folder.loadId, read, published, run.accept);
    const moved = new Set(published.filter(({error}) => error instanceof DriftError).map(({table}) => table));
    if (moved.size + failed.size === 0 || retry >= driftRetries) return published;
    const tables = loads.map(({table}) => table);
    await readAgain(extractor, tables, {moved, failed});
  }
}

/**
 * Under a merge, the tables that are read once more as a whole: those that would have been published if they had not been merged, and those that were
 * read by a route of merges, although the earlier table was read by another.
 */
async function findFailedMerges(
  memory: RouteMemory,
  loads: readonly Load[],
  published: readonly Published[],
): Promise<ReadonlySet<string>> {
  const failed = new Set<string>();
  for (const load of loads) {
    const {table} = load;
    const error = published.find(each => each.table === table.name)?.error;
    if (error === undefined || !canBeReadWhole(load, error)) continue;
    if (error instanceof RouteChangeError) await memory.hold(table, error.noted);
    failed.add(table.name);
  }
  return failed;
}

/** Keeps what was published for the next merge. If that fails, the next merge reads more. */
async function renewBases(
  bases: Bases,
  {tenant, onEvent}: Pick<Docebo, 'tenant' | 'onEvent'>,
  loadId: string,
  loads: readonly Load[],
  published: readonly Published[],
  accept: Accepted = {},
): Promise<void> {
  const proved = new Set(published.filter(({error}) => error === undefined).map(({table}) => table));
  for (const {table, spooled} of loads) {
    const isBase = mergeableRoutes(table).some(route => fullRouteName(route) === spooled.servedBy);
    if (!proved.has(table.name) || !isBase || accept[table.name] !== undefined) continue;
    await bases.renew(tenant, loadId, spooled).catch((error: unknown) => {
      const message = `${table.name} could not be kept for the next merge: ${messageOf(error)}`;
      onEvent({type: 'note', message});
    });
  }
}

/** Publishes what is whole. `awaitDrift`: a table that can be read again holds back all others. */
export async function publish(
  {destination, stateDir, allowOlder = false, ...told}: PublishRun,
  {tenant, onEvent, signal}: Pick<Docebo, 'tenant' | 'onEvent'> & Partial<Pick<Docebo, 'signal'>>,
  facts: Omit<LedgerFacts, 'signal'>,
  extracted: readonly Extracted[],
  awaitDrift: boolean,
): Promise<readonly Published[]> {
  const {cast, customFields = 'id', ...guards} = choose(told);
  const {loadId, workDir} = facts;
  const sources = {runFolder: workDir, stateDir, tenant};
  const whole: Load[] = [];
  for (const load of toLoads(extracted)) {
    const fields = await recallFields(load, customFields, sources);
    whole.push({...load, ...(fields !== undefined && {fields})});
  }
  if (whole.length === 0) return [];
  onEvent({type: 'publishing', table: null, done: 0, tables: whole.length});
  const readingsDir = join(stateDir, 'published');
  const ledger = cast.loadMetadata ? await openLedger(facts, extracted, destination) : undefined;
  return destination.publish(whole, {
    ...cast,
    ...guards,
    awaitDrift,
    allowOlder,
    loadId,
    workDir,
    readingsDir,
    ...(ledger !== undefined && {ledger}),
    onEvent,
    signal,
  });
}

/** Adds to an error how to go on. All records that landed are kept, so an interruption or a locked file costs no calls. */
function sayHowToGoOn(
  error: unknown,
  signal: AbortSignal,
  loadId: string | undefined,
  lacking: readonly string[],
  {stateDir, destination}: Pick<Run, 'stateDir' | 'destination'>,
): unknown {
  const resume = `Go on with the same command and --resume ${loadId}: only what is missing is asked for.`;
  if (signal.aborted && !(error instanceof DestinationError)) {
    const stopped = signal.reason instanceof InterruptedError ? signal.reason.message : 'Stopped';
    return new InterruptedError(`${stopped}: nothing was published, every table is as it was.`, {
      hint: loadId === undefined ? 'Run the same command again.' : resume,
      cause: error,
    });
  }
  if (!(error instanceof DestinationError) || loadId === undefined) return error;
  const next = isProtocol(destination.address.scheme)
    ? resume
    : lacking.length === 0
      ? `What was read is kept: ${writeCommand(['load', loadId], stateDir)}`
      : `Not read: ${lacking.join(', ')}. ${resume}`;
  const hint = [error.hint, next].filter(text => text !== undefined);
  return new DestinationError(error.message, {hint: hint.join(' '), cause: error});
}
