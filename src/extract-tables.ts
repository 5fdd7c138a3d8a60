import type {Destination, Target} from './destination/destination.js';
import {CredentialsError, findRoot, IngestError, InterruptedError, messageOf, SignInError} from './errors.js';
import {type Extracted, nameReason} from './report-tables.js';
import {parentsOf} from './routes.js';
import type {Docebo} from './source/docebo.js';
import type {Extractor} from './source/tables/extract.js';
import type {Table} from './table.js';

/** A table that is to be loaded. */
export interface AskedTable {
  readonly table: Table;
  readonly target: Target;
  /** Whether it was not asked for by its name, so that a tenant without it is in order. @default false */
  readonly mayBeAbsent?: boolean;
}

/** A firewall that refuses for a moment gets this time, even if there are few tables to read. */
const refusalRestMs = 5_000;

/**
 * Extracts tables side by side, and returns the result of each. Throws only what stops them all: an interruption, a bug, or credentials
 * that Docebo refuses to every table.
 */
export async function extractTables(
  {clock, signal, onEvent}: Pick<Docebo, 'clock' | 'signal' | 'onEvent'>,
  extractor: Extractor,
  loads: readonly AskedTable[],
): Promise<readonly Extracted[]> {
  const told = new Set<Table>();
  const reasons = new Set<string>();
  let isLastTime = false;
  const extract = async ({table, mayBeAbsent = false}: AskedTable) => {
    const [result] = await Promise.allSettled([extractor.extract(table)]);
    if (result.status === 'rejected' && !told.has(table)) {
      if (mayBeAbsent && (await extractor.isAbsent(table))) {
        told.add(table);
        onEvent({type: 'table_absent', table: table.name, message: nameReason(result.reason)});
        return result;
      }
      if (!isLastTime && (await extractor.isRefusedForNow(table))) {
        onEvent({type: 'table_postponed', table: table.name, message: messageOf(result.reason)});
        return result;
      }
      told.add(table);
      // Of a run that is stopped one line says so.
      if (findRoot(result.reason) instanceof InterruptedError) return result;
      const reason = nameReason(result.reason);
      const isTold = reasons.has(reason) ? ({isTold: true} as const) : {};
      reasons.add(reason);
      onEvent({type: 'table_failed', table: table.name, message: messageOf(result.reason), ...isTold});
    }
    return result;
  };
  // Results are collected at the end: a table may be read again meanwhile, for the sake of its children.
  await Promise.all(loads.map(extract));
  isLastTime = true;
  if (await extractor.forgetRefused()) {
    await clock.sleep(refusalRestMs, signal);
    await Promise.all(loads.map(extract));
  }
  const extracted: Extracted[] = [];
  for (const load of loads) extracted.push({...load, result: await extract(load)});
  signal.throwIfAborted();
  const failures = extracted.map(({result}) => (result.status === 'rejected' ? result.reason : undefined));
  const bug = failures.find(reason => reason !== undefined && !(reason instanceof IngestError));
  if (bug !== undefined) throw bug;
  const roots = failures.map(findRoot);
  if (roots.every(root => root instanceof CredentialsError || root instanceof SignInError)) throw roots[0];
  return extracted;
}

/**
 * Marks the tables that the tenant does not have, if that is in order: they were asked for by a set or a pattern, and do not stand in the destination. If no
 * table at all can be read, the credential is to blame rather than the tenant.
 */
export async function markAbsent(
  extractor: Extractor,
  destination: Pick<Destination, 'findStanding'>,
  extracted: readonly (Extracted & AskedTable)[],
): Promise<readonly Extracted[]> {
  if (extracted.every(({result}) => result.status === 'rejected')) return extracted;
  const refused: Extracted[] = [];
  for (const each of extracted) if (each.mayBeAbsent && (await extractor.isAbsent(each.table))) refused.push(each);
  if (refused.length === 0) return extracted;
  const standing = await destination.findStanding(refused.map(({target}) => target));
  return extracted.map(each => {
    if (!refused.includes(each) || standing.has(each.target) || each.result.status === 'fulfilled') return each;
    return {...each, absence: nameReason(each.result.reason)};
  });
}

/** Reads tables again, because rows moved in them, or whole, because they could not be published as merged; and then the children of rows that are new. */
export async function readAgain(
  extractor: Extractor,
  tables: readonly Table[],
  {moved, failed}: {readonly moved: ReadonlySet<string>; readonly failed: ReadonlySet<string>},
): Promise<void> {
  const isRead = ({name}: Table) => moved.has(name) || failed.has(name);
  const read = async (table: Table) =>
    failed.has(table.name) ? extractor.extractAnew(table) : extractor.extractAgain(table);
  // A failure here is reported when the table's result is collected.
  await Promise.allSettled(tables.filter(isRead).map(read));
  const all = new Set(tables.flatMap(table => [table, ...ancestorsOf(table)]));
  const children = [...all].filter(table => !isRead(table) && ancestorsOf(table).some(isRead));
  const parentsFirst = children.sort((a, b) => ancestorsOf(a).length - ancestorsOf(b).length);
  for (const table of parentsFirst) await Promise.allSettled([extractor.extractMore(table)]);
}

function ancestorsOf(table: Table): readonly Table[] {
  return parentsOf(table).flatMap(parent => [parent, ...ancestorsOf(parent)]);
}
