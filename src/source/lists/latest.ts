import {type Accepted, accepts} from '../../choices.js';
import type {RawRecord} from '../../json/raw-record.js';
import type {SpooledTable} from '../../spool/format.js';
import {readRecords} from '../../spool/read-records.js';
import {readKey} from '../../spool/record-values.js';
import type {Table} from '../../table.js';

/**
 * Yields each row of a spooled table as it is published: of the records with one key the last that landed, and none without a key if such are left out.
 * So whatever is asked for or derived from these rows fits them.
 */
export async function* readPublished(table: Table, spooled: SpooledTable, accept: Accepted): AsyncGenerator<RawRecord> {
  const leavesOut = accepts(accept, table.name, 'null-keys');
  const mayRepeat = spooled.moved || accepts(accept, table.name, 'duplicates');
  for await (const record of mayRepeat ? readLatest(table, spooled) : readRecords(spooled))
    if (!leavesOut || readKey(record, table) !== null) yield record;
}

async function* readLatest(table: Table, spooled: SpooledTable): AsyncGenerator<RawRecord> {
  const last = new Map<string, number>();
  let count = 0;
  for await (const record of readRecords(spooled)) last.set(readKey(record, table) ?? '', count++);
  count = 0;
  for await (const record of readRecords(spooled)) {
    const key = readKey(record, table);
    if (key === null || last.get(key) === count) yield record;
    count++;
  }
}
