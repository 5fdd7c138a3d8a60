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
