import type {PageLine} from '../../spool/format.js';
import {CannotMergeError} from './cannot-merge.js';
import {readMoment} from './look.js';

/** A row as the keys of its page tell it (NotedValues). */
export interface KeyedRow {
  /** Its key, with tabs between the columns. */
  readonly key: string;
  /** When it was last changed, as sent; empty if that is not known. */
  readonly changedAt: string;
}

/** Splits the keys of a page, one for each of its records. Throws CannotMergeError for a record without a key. */
export function splitKeys(keys: string, width: number): readonly KeyedRow[] {
  const rows: KeyedRow[] = [];
  for (let from = 0, end = keys.indexOf('\n'); end >= 0; from = end + 1, end = keys.indexOf('\n', from)) {
    let tab = from - 1;
    for (let column = 0; column < width; column++) {
      const next = keys.indexOf('\t', tab + 1);
      if (next === tab + 1 || next < 0 || next > end) throw new CannotMergeError('A row has no key.');
      tab = next;
    }
    const last = keys.indexOf('\t', tab + 1);
    const changedAt = keys.slice(tab + 1, last < 0 || last > end ? end : last);
    rows.push({key: keys.slice(from, tab), changedAt});
  }
  return rows;
}

/** Where a record is. */
export interface RowPlace {
  /** Its page's place among those of the base, from 0. */
  readonly page: number;
  /** Its place on the page, from 0. */
  readonly place: number;
}

/**
 * The rows of a base by key, and which of them are still thought to be there. Takes about 150 bytes a
 * row.
 */
export class KnownRows {
  readonly #width: number;
  readonly #pages: readonly PageLine[];
  /** When the row was changed that was changed last; undefined if no date tells. */
  readonly newest: number | undefined;
  /** How many records come before each page. */
  readonly #starts: readonly number[];
  /** Key → the number of its last record, counted over all pages. */
  readonly #places = new Map<string, number>();
  /** By such a number: 1 for a record that is replaced, gone, or followed by a later one with its key. */
  readonly #dropped: Uint8Array;

  /** `width`: how many columns make the key. */
  constructor(pages: readonly PageLine[], width: number) {
    this.#pages = pages;
    this.#width = width;
    let records = 0;
    this.#starts = pages.map(page => {
      records += page.records;
      return records - page.records;
    });
    this.#dropped = new Uint8Array(records);
    let latest = '';
    for (const {key, changedAt, place} of this.#all()) {
      // Dates in this form sort as text.
      if (changedAt > latest && changedAt < '9') latest = changedAt;
      const earlier = this.#places.get(key);
      if (earlier !== undefined) this.#dropped[earlier] = 1;
      this.#places.set(key, place);
    }
    this.newest = readMoment(latest);
  }

  *#all(): Generator<KeyedRow & {readonly place: number}> {
    let place = 0;
    for (const {keys, records} of this.#pages) {
      if (keys === undefined)
        throw new CannotMergeError('An earlier version has read it, which did not note its keys.');
      const rows = splitKeys(keys, this.#width);
      if (rows.length !== records) throw new CannotMergeError('Its keys do not fit its records.');
      for (const {key, changedAt} of rows) yield {key, changedAt, place: place++};
    }
  }

  /** Rows that are thought to be there, but for some. */
  *live(but?: ReadonlySet<string>): Generator<KeyedRow> {
    for (const row of this.#all()) if (this.#dropped[row.place] === 0 && but?.has(row.key) !== true) yield row;
  }

  /** How many rows there are, as far as is known. */
  get count(): number {
    return this.#places.size;
  }

  /** Takes a row out. Returns where it was; undefined if it was not there. */
  drop(key: string): RowPlace | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    this.#dropped[place] = 1;
    this.#places.delete(key);
    return this.#locate(place);
  }

  find(key: string): RowPlace | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#locate(place);
  }

  #locate(place: number): RowPlace {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return {page: low, place: place - (this.#starts[low] ?? 0)};
  }

  /** Whether the record at a place of a page is of a row that is thought to be there, and is the last of it. */
  isKept(page: number, place: number): boolean {
    return this.#dropped[(this.#starts[page] ?? 0) + place] === 0;
  }
}
