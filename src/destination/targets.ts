import {foldCase} from '../engine/fold-case.js';
import {DestinationError} from '../errors.js';
import type {Destination, Target} from './destination.js';

/** `fold` gives the same for two names that are one there. */
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

/** Leads the name of every table that is being made: what goes by such a name is taken for what a killed run left. */
export const stagingPrefix = '_docebo__staging_';

/** DuckDB keeps its own tables there, or those of one session only. */
const reservedSchemas = ['information_schema', 'pg_catalog', 'system', 'temp'];

/** Names that DuckDB would refuse once everything is read, and those under which a table would not stay. */
export function refuseReserved(targets: readonly Target[]): void {
  for (const {schema, name} of targets) {
    if (schema !== null && reservedSchemas.includes(foldCase(schema))) {
      throw new DestinationError(`No table can be put into the schema ${schema}, which is DuckDB's own`, {
        hint: 'Choose another schema.',
      });
    }
    if (foldCase(name).startsWith(stagingPrefix)) {
      throw new DestinationError(`A table called ${name} would be taken for one that a killed run left`, {
        hint: `Choose a name that does not begin with ${stagingPrefix}.`,
      });
    }
  }
}

/** DuckDB has no names that are empty or hold a NUL. */
export function refuseUnnameable(targets: readonly Target[]): void {
  const odd = targets.find(({schema, name}) =>
    [schema ?? 'main', name].some(each => each === '' || each.includes('\0')),
  );
  if (odd === undefined) return;
  throw new DestinationError(`No table can be called ${JSON.stringify(odd.name)} in ${JSON.stringify(odd.schema)}`, {
    hint: 'A name holds a character at least, and no NUL.',
  });
}
