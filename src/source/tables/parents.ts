import type {Accepted} from '../../choices.js';
import type {SpooledTable} from '../../spool/format.js';
import {readRecords} from '../../spool/read-records.js';
import {readKey} from '../../spool/record-values.js';
import type {Parent, Table} from '../../table.js';
import {readPublished} from '../lists/latest.js';
import {bindParents, type Parents} from './bind-parents.js';

/** Lists the parents of a route from their spool, as they are published. Throws as `bindParents` does. */
export async function listParents(parent: Parent, spooled: SpooledTable, accept: Accepted): Promise<Parents> {
  return bindParents(parent, readPublished(parent.table, spooled, accept));
}

/**
 * Whether a spool holds every row of its table, as far as keys and counts can tell. That has to be known before the children of its rows are asked
 * for; the engine checks it only when the table is published.
 */
export async function areKeysWhole(table: Table, spooled: SpooledTable): Promise<boolean> {
  const keys = new Set<string>();
  let repeated = false;
  for await (const record of readRecords(spooled)) {
    const key = readKey(record, table);
    if (key === null) continue;
    repeated ||= keys.has(key);
    keys.add(key);
  }
  return spooled.moved ? keys.size >= (spooled.total ?? 0) : !repeated;
}
