import {createReadStream} from 'node:fs';
import {createInterface} from 'node:readline';
import type {SentRecord} from '../table.js';
import {pageKey, type SpooledTable} from './format.js';
import {loadManifest} from './load-manifest.js';

/**
 * Gives every record of a spooled table, parsed, with the values bound from its parent under the keys it lacks itself. Where rows
 * moved, one may come more than once.
 */
export async function* readRecords({recordsFile, manifestFile}: SpooledTable): AsyncGenerator<SentRecord> {
  const bound = new Map<number, Readonly<Record<string, string>>>();
  for (const line of (await loadManifest(manifestFile)).lines) {
    if (line.type === 'page') bound.set(line.page, line.bound);
  }
  const lines = createInterface({input: createReadStream(recordsFile), crlfDelay: Number.POSITIVE_INFINITY});
  for await (const text of lines) {
    const {[pageKey]: page, ...record}: Record<string, unknown> = JSON.parse(text);
    yield {...bound.get(Number(page)), ...record};
  }
}
