import type {ExactPath} from '../../declared-keys.js';
import {type SlicedBody, Slicer} from '../lists/slice.js';

/** How many records make one page at most, and about how many bytes. */
const mostRecords = 1000;
const mostBytes = 4 * 1024 * 1024;

const recordsAt = 'items';

/** Cuts records that are made here rather than sent into pages. */
export async function* cutIntoPages<T>(
  records: AsyncIterable<T>,
  bytesOf: (record: T) => number,
): AsyncGenerator<readonly T[]> {
  let page: T[] = [];
  let bytes = 0;
  for await (const record of records) {
    page.push(record);
    bytes += bytesOf(record);
    if (page.length < mostRecords && bytes < mostBytes) continue;
    yield page;
    page = [];
    bytes = 0;
  }
  if (page.length > 0) yield page;
}

/** Slices such pages as if they had been sent, so that the same is learned about their records. `declared`: see Slicer. */
export class MadePages {
  readonly #slicer: Slicer;

  constructor(declared: ReadonlyMap<string, readonly ExactPath[]>) {
    this.#slicer = new Slicer(declared, [recordsAt]);
  }

  /** `texts`: the JSON of each record. */
  slice(texts: readonly (string | Buffer)[]): SlicedBody {
    return this.#slicer.slice(Buffer.from(`{"${recordsAt}":[${texts.join()}]}`));
  }
}
