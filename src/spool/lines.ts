import {createHash} from 'node:crypto';
import type {SentRecord} from '../table.js';
import {pageKey, type SentType} from './format.js';

/** Records of one page on their way to disk: given a page number, the lines to write. */
export interface PageLines {
  readonly records: number;
  readonly undeclared: Readonly<Record<string, readonly SentType[]>>;
  encode(page: number): Buffer;
  /** The same for two pages only if they begin, end and count alike; empty for none. Two records are enough to hash. */
  fingerprint(): string;
}

const closeBrace = 0x7d;
const space = 0x20;

/** Copies records out of a reply's bytes, each led by its page number. `spans` holds start and end of each record. */
export function linesFromSpans(
  bytes: Buffer,
  spans: readonly number[],
  undeclared: Readonly<Record<string, readonly SentType[]>>,
): PageLines {
  const records = spans.length / 2;
  return {
    records,
    undeclared,
    fingerprint: () => hashEnds(records, index => bytes.subarray(spans[2 * index] ?? 0, spans[2 * index + 1] ?? 0)),
    encode(page) {
      const lead = Buffer.from(`{"${pageKey}":${page},`);
      const first = spans[0] ?? 0;
      const last = spans.at(-1) ?? 0;
      const lines = Buffer.allocUnsafe(records * (lead.length + 2) + last - first);
      let at = 0;
      for (let index = 0; index < spans.length; index += 2) {
        const start = (spans[index] ?? 0) + 1;
        const end = spans[index + 1] ?? 0;
        at += lead.copy(lines, at, 0, isEmpty(bytes, start) ? lead.length - 1 : lead.length);
        at += bytes.copy(lines, at, start, end);
        lines[at++] = 0x0a;
      }
      return lines.subarray(0, at);
    },
  };
}

function hashEnds(records: number, encode: (index: number) => Buffer | string): string {
  if (records === 0) return '';
  const hash = createHash('md5').update(`${records}`).update(encode(0));
  return hash.update(encode(records - 1)).digest('base64url');
}

/** The same for two pages only if all that they list is; empty for none. For lists whose items have no identity of their own. */
export function fingerprintAll(listed: readonly unknown[]): string {
  return listed.length === 0 ? '' : createHash('md5').update(JSON.stringify(listed)).digest('base64url');
}

function isEmpty(bytes: Buffer, start: number): boolean {
  let at = start;
  while (bytes[at] === space) at++;
  return bytes[at] === closeBrace;
}

/** Lines of records that were made rather than sliced: exploded answers, derived tables, trees walked node by node. */
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
  return {
    records: records.length,
    undeclared: Object.fromEntries(undeclared),
    fingerprint: () => hashEnds(records.length, index => JSON.stringify(records[index])),
    encode: page => Buffer.from(records.map(record => `${JSON.stringify({[pageKey]: page, ...record})}\n`).join('')),
  };
}

function typeOf(value: unknown): SentType {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  if (typeof value === 'boolean' || typeof value === 'string') return typeof value === 'boolean' ? 'boolean' : 'string';
  return 'object';
}
