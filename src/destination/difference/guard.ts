import type {EvolvedColumn} from '../../engine/evolve.js';
import {DestinationError} from '../../errors.js';
import type {Table} from '../../table.js';
import {chooseComments} from '../describe-table.js';
import type {Load, PublishOptions} from '../destination.js';
import {type Reading, readingOf, refuseOlder} from '../older.js';
import {type Comment, listColumn, readOurComments} from '../our-comments.js';
import {chooseNote, refuseOtherSource, splitNote} from '../route-note.js';
import {addReading} from './reading-note.js';
import type {Standing} from './standing.js';

/** Throws if the load must not be written to what stands at its target. Returns warnings. `entry`: what was noted. */
export function guard(
  load: Load,
  name: string,
  standing: Standing,
  entry: Reading | undefined,
  options: PublishOptions,
): readonly string[] {
  if (standing.kind === 'other') {
    throw new DestinationError(`${name} is a view or something else that is no table, so it was not written to`, {
      hint: 'Rename or drop it, or choose another name for the table.',
    });
  }
  return [
    ...refuseOlder(load, standing.kind && (standing.reading ?? entry), readingOf(load, options.loadId), options),
    ...refuseOtherSource(load, standing.route, standing.rows, options),
  ];
}

/** The comments that the table gets, one of which notes when it was read. */
export function chooseNotedComments(
  load: Load,
  evolved: readonly EvolvedColumn[],
  standing: Standing,
  options: PublishOptions,
): readonly Comment[] {
  const reading = readingOf(load, options.loadId);
  const route = chooseNote(load, standing.route);
  const words = chooseComments(load.table, evolved, standing, {...options, route});
  return words.map(each =>
    isNoted(each, load.table, options) ? {...each, text: addReading(each.text, reading)} : each,
  );
}

/** Whether the comment gets the note of when the table was read. One by somebody else gets none. */
function isNoted({column, text}: Comment, table: Table, {loadMetadata}: PublishOptions): boolean {
  if (!loadMetadata) return column === null && text.startsWith(table.description);
  return column === listColumn && readOurComments(splitNote(text).text) !== null;
}
