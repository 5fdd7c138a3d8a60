import {quote, space} from '../../json/scanner.js';

/** Columns, each by the keys at which a record may hold it, in order of preference. */
export type NotedColumns = readonly (readonly string[])[];

const tab = 0x09;
const newline = 0x0a;
const firstOfNull = 'n'.charCodeAt(0);

/**
 * Copies a few values of each record while it is sliced: its key, and when it was last changed. To read them later would take as long as slicing
 * all records once more.
 *
 * A record becomes a line, a column what stands between tabs: the value as it was sent, without the quotes of a text, so that 7 and "7" are one. Neither
 * character can stand in a JSON value unescaped.
 */
export class NotedValues {
  /** All keys at which a column may be. */
  readonly keys: readonly string[];
  /** For each column the places of its keys among those. */
  readonly #columns: readonly (readonly number[])[];
  readonly #starts: number[];
  readonly #ends: number[];
  #lines = Buffer.alloc(0);
  #length = 0;

  constructor(columns: NotedColumns) {
    this.keys = [...new Set(columns.flat())];
    this.#columns = columns.map(names => names.map(name => this.keys.indexOf(name)));
    this.#starts = this.keys.map(() => 0);
    this.#ends = this.keys.map(() => 0);
  }

  /** Notes where a value of the present record is. Of two values of one key the last counts. */
  note(slot: number, start: number, end: number): void {
    this.#starts[slot] = start;
    this.#ends[slot] = end;
  }

  /** Copies the values of the record that ends here. */
  endRecord(bytes: Buffer): void {
    if (this.keys.length === 0) return;
    for (const [index, slots] of this.#columns.entries()) {
      if (index > 0) this.#put(tab);
      const slot = slots.find(each => this.#holds(bytes, each));
      if (slot !== undefined) this.#copy(bytes, slot);
    }
    this.#put(newline);
    this.#ends.fill(0);
  }

  #holds(bytes: Buffer, slot: number): boolean {
    return (this.#ends[slot] ?? 0) > 0 && bytes[this.#startOf(bytes, slot)] !== firstOfNull;
  }

  #startOf(bytes: Buffer, slot: number): number {
    let start = this.#starts[slot] ?? 0;
    while (bytes[start] === space || bytes[start] === tab) start++;
    return start;
  }

  #copy(bytes: Buffer, slot: number): void {
    const start = this.#startOf(bytes, slot);
    const end = this.#ends[slot] ?? 0;
    const isText = bytes[start] === quote;
    this.#reserve(end - start);
    this.#length += bytes.copy(this.#lines, this.#length, isText ? start + 1 : start, isText ? end - 1 : end);
  }

  #put(byte: number): void {
    this.#reserve(1);
    this.#lines[this.#length++] = byte;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#lines.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + bytes) + 4096);
    this.#lines.copy(larger, 0, 0, this.#length);
    this.#lines = larger;
  }

  /** The lines of all records since the last time. */
  take(): string {
    const lines = this.#lines.toString('utf8', 0, this.#length);
    this.#length = 0;
    return lines;
  }
}
