import {createReadStream} from 'node:fs';
import {createInterface} from 'node:readline';
import type {SentRecord} from '../table.js';
import {type ManifestLine, pageKey, type SpooledTable} from './format.js';

/** Gives every record of a spooled table, parsed, with the values bound from its parent under the keys it lacks itself. */
export async function* readRecords({recordsFile, manifestFile}: SpooledTable): AsyncGenerator<SentRecord> {
  const bound = new Map<number, Readonly<Record<string, string>>>();
  for await (const text of readLines(manifestFile)) {
    const line: ManifestLine = JSON.parse(text);
    if (line.type === 'page') bound.set(line.page, line.bound);
  }
  for await (const text of readLines(recordsFile)) {
    const {[pageKey]: page, ...record}: Record<string, unknown> = JSON.parse(text);
    yield {...bound.get(Number(page)), ...record};
  }
}

function readLines(file: string): AsyncIterable<string> {
  return createInterface({input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY});
}
