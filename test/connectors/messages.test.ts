import {expect, test} from 'vitest';
import type {Bookmark} from '../../src/destination/messages/dialect.js';
import {makeFolder, makeLoad, publishOptions} from '../engine/spool.js';
import {openReader} from '../helpers/message-reader.js';

const moment = (second: number) => new Date(Date.UTC(2026, 10, 24, 2, 0, second)).toISOString();

/** How many of three rows an incremental reader is sent of a table whose reading began in the tenth second. It was told of rows up to `readTo`. */
async function countSent(receivedAt: string, readTo: string): Promise<number> {
  const folder = await makeFolder();
  const load = await makeLoad(folder, [{user_id: 1}, {user_id: 2}, {user_id: 3}], {readAt: receivedAt});
  const {table} = load;
  const streams = [{table, isChosen: () => true, isIncremental: true}];
  const publish = async (bookmark: Bookmark | undefined) => {
    const bookmarks = bookmark === undefined ? {} : {[table.name]: bookmark};
    const {destination, messages, countRows} = openReader(streams, bookmarks);
    const loads = [{...load, spooled: {...load.spooled, readAt: moment(10)}}];
    const [published] = await destination.publish(loads, publishOptions(folder));
    expect(published?.error).toBeUndefined();
    const told = messages().find(({type}) => type === 'STATE')?.state?.stream.stream_state;
    return {sent: countRows(table.name), bookmark: told as Bookmark};
  };
  const {bookmark} = await publish(undefined);
  return (await publish({...bookmark, read_at: moment(5), read_to: readTo})).sent;
}

test.each([
  ['rows that this reading received', 12, 9, 3],
  ['no rows that were carried over', 2, 9, 0],
  // A clock was ahead then. What this reading received before that moment must not be left out.
  ['all rows, if it was told of a moment in this reading', 12, 11, 3],
  ['all rows, if that moment came after the last of them', 12, 13, 3],
  ['all rows, if that moment is to come', 12, 1e9, 3],
])('an incremental reader is sent %s', async (_, receivedAt, readTo, sent) => {
  expect(await countSent(moment(receivedAt), moment(readTo))).toBe(sent);
});
