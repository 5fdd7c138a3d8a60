import {foldCase} from '../engine/fold-case.js';
import {DestinationError} from '../errors.js';
import type {Destination, Target} from './destination.js';
import {ledgerName} from './ledger.js';

/** Refuses two tables with one target. `fold` gives the same for names that the destination takes for one. */
export function refuseSharedTargets(
  targets: readonly Target[],
  describe: Destination['describe'],
  fold: (name: string) => string,
): void {
  const names = targets.map(target => fold(describe(target)));
  const second = targets.find((_, i) => names.indexOf(names[i] ?? '') < i);
  if (second === undefined) return;
  throw new DestinationError(`Two tables would be written to ${describe(second)}`, {
    hint: 'Give each table a name of its own.',
  });
}

/** The targets that are among these names, as `describe` writes them, to DuckDB: names that differ in case only are one. */
export function findNamed(
  targets: readonly Target[],
  describe: Destination['describe'],
  names: readonly string[],
): ReadonlySet<Target> {
  const there = new Set(names.map(foldCase));
  return new Set(targets.filter(target => there.has(foldCase(describe(target)))));
}

/** Begins the name of every staged table. Later runs take such a table for what a killed run left. */
export const stagingPrefix = '_docebo__staging_';

/** DuckDB keeps its own tables in these, or tables of one session. */
const reservedSchemas = ['information_schema', 'pg_catalog', 'system', 'temp'];

/** Refuses names that DuckDB would refuse only after everything is read, and those under which a table would not last. */
export function refuseReserved(targets: readonly Target[]): void {
  for (const {schema, name} of targets) {
    if (schema !== null && reservedSchemas.includes(foldCase(schema))) {
      throw new DestinationError(`No table can be put into the schema ${schema}, which is DuckDB's own`, {
        hint: 'Choose another schema.',
      });
    }
    if (foldCase(name).startsWith(stagingPrefix)) {
      throw new DestinationError(`The name ${name} is like those of staged tables, which later runs remove`, {
        hint: `Choose a name that does not begin with ${stagingPrefix}.`,
      });
    }
  }
}

/** Refuses the ledger's name, in any case, because DuckDB and some file systems take that for the same. */
export function refuseLedgerName(targets: readonly Target[]): void {
  const odd = targets.find(({name}) => foldCase(name) === ledgerName);
  if (odd === undefined) return;
  throw new DestinationError(`The name ${odd.name} is reserved for the table of loads`, {
    hint: 'Choose another name for the table.',
  });
}

/** Refuses names that are empty or hold a NUL, which DuckDB does not allow. */
export function refuseUnnameable(targets: readonly Target[]): void {
  const odd = targets.find(({schema, name}) =>
    [schema ?? 'main', name].some(each => each === '' || each.includes('\0')),
  );
  if (odd === undefined) return;
  throw new DestinationError(`No table can be called ${JSON.stringify(odd.name)} in ${JSON.stringify(odd.schema)}`, {
    hint: 'A name needs at least one character, and no NUL.',
  });
}
