import type {Destination} from '../destination/destination.js';
import type {PublishRun} from '../ingest.js';

/** As yargs gives `publishOptions`. */
interface PublishArgs {
  readonly schemaContract: 'evolve' | 'discard_value' | 'discard_row' | 'freeze';
  readonly invalidDates: 'epoch' | 'null';
  readonly onCastError: 'null' | 'fail';
  readonly loadMetadata: boolean;
  readonly publish: 'per-table' | 'all-or-nothing';
  readonly maxShrink: number;
  readonly allowEmpty: boolean;
}

/** What the flags say about publishing. */
export function readPublishRun(args: PublishArgs, destination: Destination, stateDir: string): PublishRun {
  const {invalidDates, onCastError, schemaContract, loadMetadata, publish, maxShrink, allowEmpty} = args;
  return {
    destination,
    stateDir,
    cast: {invalidDates, onCastError, schemaContract, loadMetadata},
    allOrNothing: publish === 'all-or-nothing',
    maxShrinkPercent: maxShrink,
    allowEmpty,
  };
}
