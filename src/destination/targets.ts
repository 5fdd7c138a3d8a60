import {DestinationError} from '../errors.js';
import type {Destination, Target} from './destination.js';

/** Names that differ in case only are one table to DuckDB, and one file to macOS and Windows. */
export function refuseSharedTargets(targets: readonly Target[], describe: Destination['describe']): void {
  const names = targets.map(target => describe(target).toLowerCase());
  const second = targets.find((_, i) => names.indexOf(names[i] ?? '') < i);
  if (second === undefined) return;
  throw new DestinationError(`Two tables would be written to ${describe(second)}`, {
    hint: 'Give each table a name of its own.',
  });
}
