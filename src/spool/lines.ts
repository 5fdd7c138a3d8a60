import {createHash} from 'node:crypto';
import {toPointer} from '../json/raw-record.js';
import type {SentType} from '../json/scanner.js';
import type {SentRecord} from '../table.js';
import type {Findings} from './format.js';

/** Records of one page on their way to disk: given a page number, the lines to write. */
export interface PageLines extends Findings {
  readonly records: number;
  /** About how much memory they keep from being freed. */
  readonly heldBytes: number;
  encode(page: number): Buffer;
  /** Equal for two pages only if first record, last record and count are; empty if there are no records. Hashing two records is enough. */
  fingerprint(): string;
}

/** What is noted beside a record, by JSON pointer. */
export interface RecordNotes {
  /** Values that hold a number which a double would change, as text. */
  readonly exact: ReadonlyMap<string, string>;
  /** Values in which U+FFFD replaces invalid text. */
  readonly mended: ReadonlySet<string>;
}

/** Records as they stand in the bytes of a reply. */
export interface RecordSpans extends Pick<Findings, 'undeclared' | 'repeated'> {
  readonly bytes: Buffer;
  /** Start and end of each record in `bytes`, two numbers a record. */
  readonly spans: readonly number[];
  /** By the offset at which a record begins. */
  readonly notes: ReadonlyMap<number, RecordNotes>;
}

/** Copies records out of a reply's bytes, each beside its page number. */
export function linesFromSpans({bytes, spans, undeclared, repeated, notes}: RecordSpans): PageLines {
  const records = spans.length / 2;
  return {
    records,
    heldBytes: bytes.length + 8 * spans.length,
    undeclared,
    repeated,
    ...findPointers([...notes.values()]),
    fingerprint: () => hashEnds(records, index => bytes.subarray(spans[2 * index] ?? 0, spans[2 * index + 1] ?? 0)),
    encode(page) {
      const lead = leadOf(page);
      const next = Buffer.concat([tail, lead]);
      const beside = new Map([...notes].map(([start, each]) => [start, Buffer.from(formatNotes(each))]));
      const besideBytes = [...beside.values()].reduce((sum, {length}) => sum + length, 0);
      const recordBytes = spans.reduce((sum, end, index) => (index % 2 === 0 ? sum - end : sum + end), 0);
      const lines = Buffer.allocUnsafe(lead.length + records * next.length + recordBytes + besideBytes);
      let at = lead.copy(lines);
      for (let index = 0; index < spans.length; index += 2) {
        const start = spans[index] ?? 0;
        at += bytes.copy(lines, at, start, spans[index + 1]);
        if (besideBytes > 0) at += beside.get(start)?.copy(lines, at) ?? 0;
        at += next.copy(lines, at);
      }
      return lines.subarray(0, at - lead.length);
    },
  };
}

/** Lines of a spool on their way into another. `findings`: those of the spool, which says no more of a single line. */
export function linesFromLanded(landed: readonly Buffer[], findings: Findings): PageLines {
  const bytes = landed.reduce((sum, {length}) => sum + length, 0);
  return {
    ...findings,
    records: landed.length,
    heldBytes: bytes,
    fingerprint: () => '',
    encode(page) {
      const lead = leadOf(page);
      const lines = Buffer.allocUnsafe(bytes + landed.length * (lead.length + 1));
      let at = 0;
      for (const line of landed) {
        at += lead.copy(lines, at);
        at += line.copy(lines, at, line.indexOf(recordKey) + recordKey.length);
        lines[at++] = newline;
      }
      return lines.subarray(0, at);
    },
  };
}

/** Bytes of the longest line that `encode` gave, without its newline. */
export function measureLongest(lines: Buffer): number {
  let longest = 0;
  for (let from = 0, end = lines.indexOf(newline); end >= 0; from = end + 1, end = lines.indexOf(newline, from))
    longest = Math.max(longest, end - from);
  return longest;
}

const newline = 0x0a;

/** Lines of records that were made from a reply rather than sliced from it. `wasMended`: the reply held invalid text. */
export function linesFromRecords(
  records: readonly SentRecord[],
  declared: ReadonlySet<string>,
  {wasMended = false, heldBytes = 0} = {},
): PageLines {
  const texts = records.map(record => JSON.stringify(record));
  const notes = records.map(record => (wasMended ? noteMended(record) : undefined));
  return {
    records: records.length,
    heldBytes,
    undeclared: findUndeclared(records, declared),
    repeated: [],
    ...findPointers(notes.filter(each => each !== undefined)),
    fingerprint: () => hashEnds(records.length, index => texts[index] ?? ''),
    encode(page) {
      const lead = leadOf(page);
      const beside = (index: number) => Buffer.from(notes[index] === undefined ? '' : formatNotes(notes[index]));
      return Buffer.concat(texts.flatMap((text, index) => [lead, Buffer.from(text), beside(index), tail]));
    },
  };
}

/** What stands before each record. */
function leadOf(page: number): Buffer {
  return Buffer.from(`{"page":${page},${recordKey}`);
}

const recordKey = '"record":';

/** Follows each record and its notes. */
const tail = Buffer.from('}\n');

function formatNotes({exact, mended}: RecordNotes): string {
  const notes = {
    exact: Object.fromEntries(exact),
    mended: Object.fromEntries([...mended].map(pointer => [pointer, 1])),
  };
  return `,"notes":${JSON.stringify(notes)}`;
}

function findPointers(notes: readonly RecordNotes[]): Pick<Findings, 'exact' | 'mended'> {
  const exact = new Set(notes.flatMap(each => [...each.exact.keys()]));
  const mended = new Set(notes.flatMap(each => [...each.mended]));
  return {exact: [...exact], mended: [...mended]};
}

/** A value that was sent with a U+FFFD counts as mended too, since the two cannot be told apart. */
function noteMended(record: SentRecord): RecordNotes | undefined {
  const keys = Object.keys(record).filter(key => JSON.stringify(record[key] ?? null).includes('\ufffd'));
  return keys.length === 0 ? undefined : {exact: new Map(), mended: new Set(keys.map(key => toPointer([key])))};
}

function findUndeclared(records: readonly SentRecord[], declared: ReadonlySet<string>): Findings['undeclared'] {
  const undeclared = new Map<string, SentType[]>();
  for (const record of records) {
    for (const [key, value] of Object.entries(record)) {
      if (declared.has(key)) continue;
      const types = undeclared.get(key) ?? [];
      const type = typeOf(value);
      if (!types.includes(type)) undeclared.set(key, [...types, type]);
    }
  }
  return Object.fromEntries(undeclared);
}

function typeOf(value: unknown): SentType {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e15 ? 'integer' : 'number';
  if (typeof value === 'boolean' || typeof value === 'string') return typeof value === 'boolean' ? 'boolean' : 'string';
  return 'object';
}

function hashEnds(records: number, encode: (index: number) => Buffer | string): string {
  if (records === 0) return '';
  const hash = createHash('md5').update(`${records}`).update(encode(0));
  return hash.update(encode(records - 1)).digest('base64url');
}

/**
 * Equal for two pages only if all their items are, in whatever order items and keys come; empty if there are none. For lists whose items
 * have no identity of their own.
 */
export function fingerprintAll(listed: readonly unknown[]): string {
  if (listed.length === 0) return '';
  const items = listed.map(item => JSON.stringify(item, sortKeys)).sort();
  return createHash('md5').update(items.join('\n')).digest('base64url');
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
