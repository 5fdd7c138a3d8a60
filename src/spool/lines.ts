import {createHash} from 'node:crypto';
import type {SentRecord} from '../table.js';
import type {Findings, SentType} from './format.js';

/** Records of one page on their way to disk: given a page number, the lines to write. */
export interface PageLines extends Findings {
  readonly records: number;
  encode(page: number): Buffer;
  /** The same for two pages only if they begin, end and count alike; empty for none. Two records are enough to hash. */
  fingerprint(): string;
}

/** Behind each record. */
const tail = Buffer.from('}\n');

function leadOf(page: number): Buffer {
  return Buffer.from(`{"page":${page},"record":`);
}

/** Records as they stand in the bytes of a reply. */
export interface RecordSpans extends Pick<Findings, 'undeclared'> {
  readonly bytes: Buffer;
  /** Start and end of each record in `bytes`, two numbers a record. */
  readonly spans: readonly number[];
  /** Texts that stand beside the records which begin at these offsets, by JSON pointer. */
  readonly exactTexts: ReadonlyMap<number, ReadonlyMap<string, string>>;
}

/** Copies records out of a reply's bytes, each beside its page number. */
export function linesFromSpans({bytes, spans, undeclared, exactTexts}: RecordSpans): PageLines {
  const records = spans.length / 2;
  return {
    records,
    undeclared,
    exact: [...new Set([...exactTexts.values()].flatMap(texts => [...texts.keys()]))],
    fingerprint: () => hashEnds(records, index => bytes.subarray(spans[2 * index] ?? 0, spans[2 * index + 1] ?? 0)),
    encode(page) {
      const lead = leadOf(page);
      const next = Buffer.concat([tail, lead]);
      const first = spans[0] ?? 0;
      const last = spans.at(-1) ?? 0;
      const beside = new Map([...exactTexts].map(([start, texts]) => [start, encodeExact(texts)]));
      const besideBytes = [...beside.values()].reduce((sum, {length}) => sum + length, 0);
      const lines = Buffer.allocUnsafe(lead.length + records * next.length + last - first + besideBytes);
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

function encodeExact(texts: ReadonlyMap<string, string>): Buffer {
  return Buffer.from(`,"exact":${JSON.stringify(Object.fromEntries(texts))}`);
}

function hashEnds(records: number, encode: (index: number) => Buffer | string): string {
  if (records === 0) return '';
  const hash = createHash('md5').update(`${records}`).update(encode(0));
  return hash.update(encode(records - 1)).digest('base64url');
}

/**
 * The same for two pages only if all that they list is, in whatever order it and its keys stand; empty for none. For lists whose items
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

/** Lines of records that were made rather than sliced. */
export function linesFromRecords(records: readonly SentRecord[], declared: ReadonlySet<string>): PageLines {
  const undeclared = new Map<string, SentType[]>();
  for (const record of records) {
    for (const [key, value] of Object.entries(record)) {
      if (declared.has(key)) continue;
      const types = undeclared.get(key) ?? [];
      const type = typeOf(value);
      if (!types.includes(type)) undeclared.set(key, [...types, type]);
    }
  }
  const texts = records.map(record => JSON.stringify(record));
  return {
    records: records.length,
    undeclared: Object.fromEntries(undeclared),
    exact: [],
    fingerprint: () => hashEnds(records.length, index => texts[index] ?? ''),
    encode: page => Buffer.concat(texts.flatMap(text => [leadOf(page), Buffer.from(text), tail])),
  };
}

function typeOf(value: unknown): SentType {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e15 ? 'integer' : 'number';
  if (typeof value === 'boolean' || typeof value === 'string') return typeof value === 'boolean' ? 'boolean' : 'string';
  return 'object';
}
