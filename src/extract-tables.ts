import {CredentialsError, findRoot, IngestError, messageOf, SignInError} from './errors.js';
import {type Extracted, nameReason} from './report-tables.js';
import type {Docebo} from './source/docebo.js';
import type {Extractor} from './source/tables/extract.js';
import {parentsOf, type Table} from './table.js';

/** A firewall that refuses for a moment gets this time, even if there are few tables to read. */
const refusalRestMs = 5_000;

/**
 * Extracts tables side by side, and returns the result of each. Throws only what stops them all: an interruption, a bug, or credentials
 * that Docebo refuses to every table.
 */
export async function extractTables(
  {clock, signal, onEvent}: Pick<Docebo, 'clock' | 'signal' | 'onEvent'>,
  extractor: Extractor,
  loads: readonly Pick<Extracted, 'table' | 'target'>[],
): Promise<readonly Extracted[]> {
  const told = new Set<Table>();
  const reasons = new Set<string>();
  let isLastTime = false;
  const extract = async (table: Table) => {
    const [result] = await Promise.allSettled([extractor.extract(table)]);
    if (result.status === 'rejected' && !told.has(table)) {
      if (!isLastTime && (await extractor.isRefusedForNow(table))) {
        onEvent({type: 'table_postponed', table: table.name, message: messageOf(result.reason)});
        return result;
      }
      told.add(table);
      const reason = nameReason(result.reason);
      const isTold = reasons.has(reason) ? ({isTold: true} as const) : {};
      reasons.add(reason);
      onEvent({type: 'table_failed', table: table.name, message: messageOf(result.reason), ...isTold});
    }
    return result;
  };
  // Results are collected at the end: a table may be read again meanwhile, for the sake of its children.
  await Promise.all(loads.map(async ({table}) => extract(table)));
  isLastTime = true;
  if (await extractor.forgetRefused()) {
    await clock.sleep(refusalRestMs, signal);
    await Promise.all(loads.map(async ({table}) => extract(table)));
  }
  const extracted: Extracted[] = [];
  for (const load of loads) extracted.push({...load, result: await extract(load.table)});
  signal.throwIfAborted();
  const failures = extracted.map(({result}) => (result.status === 'rejected' ? result.reason : undefined));
  const bug = failures.find(reason => reason !== undefined && !(reason instanceof IngestError));
  if (bug !== undefined) throw bug;
  const roots = failures.map(findRoot);
  if (roots.every(root => root instanceof CredentialsError || root instanceof SignInError)) throw roots[0];
  return extracted;
}

/** Reads the named tables again, because rows moved in them, and then the children of rows that are new. */
export async function readMoved(
  extractor: Extractor,
  tables: readonly Table[],
  moved: ReadonlySet<string>,
): Promise<void> {
  const isMoved = ({name}: Table) => moved.has(name);
  // A failure here is reported when the table's result is collected.
  await Promise.allSettled(tables.filter(isMoved).map(async table => extractor.extractAgain(table)));
  const all = new Set(tables.flatMap(table => [table, ...ancestorsOf(table)]));
  const children = [...all].filter(table => !isMoved(table) && ancestorsOf(table).some(isMoved));
  const parentsFirst = children.sort((a, b) => ancestorsOf(a).length - ancestorsOf(b).length);
  for (const table of parentsFirst) await Promise.allSettled([extractor.extractMore(table)]);
}

function ancestorsOf(table: Table): readonly Table[] {
  return parentsOf(table).flatMap(parent => [parent, ...ancestorsOf(parent)]);
}
