import type {RawRecord} from '../../json/raw-record.js';
import type {SpooledTable} from '../../spool/format.js';
import {readRecords} from '../../spool/read-records.js';
import {readKey} from '../../spool/record-values.js';
import type {Table} from '../../table.js';

/**
 * Yields each row of a spooled table once: of the records with one key the last that landed, which is the one that is published. So whatever is asked
 * for or derived from these rows fits them.
 */
export async function* readLatest(table: Table, spooled: SpooledTable): AsyncGenerator<RawRecord> {
  if (!spooled.moved) return yield* readRecords(spooled);
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
