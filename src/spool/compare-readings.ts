import type {Table} from '../table.js';
import type {SpooledTable} from './format.js';
import {loadManifest} from './load-manifest.js';
import {readRecords} from './read-records.js';
import {readKey} from './record-values.js';

type Reading = readonly string[];

/**
 * Whether keys that came more than once come from Docebo and not from rows that moved: in the last two readings of their pages they were on the same
 * pages. A single reading is enough if the table cannot be read again. Takes as long as reading all records.
 */
export async function areRepeatsLasting(table: Table, spooled: SpooledTable, canReadAgain: boolean): Promise<boolean> {
  const last = new Map<string, Reading>();
  const before = new Map<string, Reading>();
  const records = readRecords(spooled);
  for (const line of (await loadManifest(spooled.manifestFile)).lines) {
    if (line.type !== 'page') continue;
    const keys: string[] = [];
    for (let i = 0; i < line.records; i++) {
      const {value} = await records.next();
      const key = value === undefined ? null : readKey(value, table);
      if (key !== null) keys.push(key);
    }
    const earlier = last.get(line.request);
    if (earlier !== undefined) before.set(line.request, earlier);
    last.set(line.request, keys);
  }
  const repeats = findRepeats(last);
  if (repeats.size === 0) return false;
  const pages = [...repeats.values()].flat();
  if (pages.some(page => !before.has(page))) return !canReadAgain;
  const earlier = findRepeats(new Map([...last, ...before]));
  return repeats.size === earlier.size && [...repeats].every(([key, on]) => isEqual(on, earlier.get(key)));
}

/** The pages of each key that came more than once. */
function findRepeats(readings: ReadonlyMap<string, Reading>): ReadonlyMap<string, readonly string[]> {
  const pages = new Map<string, string[]>();
  for (const [page, keys] of readings) for (const key of keys) pages.set(key, [...(pages.get(key) ?? []), page]);
  return new Map([...pages].filter(([, on]) => on.length > 1).map(([key, on]) => [key, on.sort()]));
}

function isEqual(one: readonly string[], other: readonly string[] = []): boolean {
  return one.length === other.length && one.every((value, i) => value === other[i]);
}
