import {isUtf8} from 'node:buffer';
import {closeBrace, decodeString, JsonScanner, openBrace, quote} from './scanner.js';

export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A record as it was sent. It reads only what is asked for, and no number as a double, in which two ids beyond 2^53 may be one. Of two equal
 * keys in one object the first counts, as in DuckDB.
 */
export class RawRecord {
  /** Where the record is in its bytes. */
  readonly span: Span;
  /** JSON pointers to values that were mended before the record landed. */
  readonly mended: ReadonlySet<string>;
  readonly #bytes: Buffer;
  readonly #bound: Readonly<Record<string, string>>;
  #members: ReadonlyMap<string, Span> | undefined;

  /** `bound` holds the values with which the record's list was asked for. They win over the record's: a row belongs to the parent in whose list it came. */
  constructor(bytes: Buffer, span: Span, bound: Readonly<Record<string, string>> = {}, mended = new Set<string>()) {
    this.#bytes = bytes;
    this.span = span;
    this.mended = mended;
    this.#bound = bound;
  }

  /** The value at a path of keys: a text as it is, anything else as the JSON that was sent; null if there is none. */
  read([root = '', ...rest]: readonly string[], numbers: 'as sent' | 'in digits' = 'as sent'): string | null {
    const top = this.#find(root);
    if (top === undefined) return null;
    const span = findValue(this.#bytes, top.start, rest);
    if (span === undefined) return null;
    const text = readText(this.#bytes, span);
    const isNumber = numbers === 'in digits' && this.#bytes[span.start] !== quote;
    return isNumber && text !== null ? toPlainNumber(text) : text;
  }

  /** The value of that name with which the record's list was asked for; null if there is none. */
  readBound(name: string): string | null {
    return Object.hasOwn(this.#bound, name) ? (this.#bound[name] ?? null) : null;
  }

  /** The record's JSON, bound values included. */
  encode(): Buffer {
    const bound = new Map(Object.entries(this.#bound).map(([key, value]) => [key, JSON.stringify(value)]));
    const {start, end} = this.span;
    if (bound.size === 0) return this.#bytes.subarray(start, end);
    const sent = [...this.#all].filter(([key]) => !bound.has(key));
    const members = [...bound, ...sent.map(([key, span]) => [key, this.#bytes.toString('utf8', span.start, span.end)])];
    return Buffer.from(`{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join()}}`);
  }

  get #all(): ReadonlyMap<string, Span> {
    this.#members ??= findMembers(this.#bytes, this.span.start);
    return this.#members;
  }

  /** Where a key's value is, unless it is null. */
  #find(key: string): Span | undefined {
    const span = this.#all.get(key);
    return span === undefined || this.#bytes[span.start] === firstOfNull ? undefined : span;
  }
}

const firstOfNull = 'null'.charCodeAt(0);

/** The values of an object that begins at `start`, by key. */
export function findMembers(bytes: Buffer, start: number): ReadonlyMap<string, Span> {
  const members = new Map<string, Span>();
  const json = new JsonScanner(bytes);
  json.at = start + 1;
  if (json.peek() === closeBrace) return members;
  do {
    const key = json.readKey();
    json.peek();
    const from = json.at;
    json.skipValue();
    if (!members.has(key)) members.set(key, {start: from, end: json.at});
  } while (json.more(closeBrace));
  return members;
}

/** Where the value at a path of keys is, within the value that begins at `start`. */
export function findValue(bytes: Buffer, start: number, [key, ...rest]: readonly string[]): Span | undefined {
  const json = new JsonScanner(bytes);
  json.at = start;
  const first = json.peek();
  if (key !== undefined) {
    const member = first === openBrace ? findMembers(bytes, json.at).get(key) : undefined;
    return member && findValue(bytes, member.start, rest);
  }
  const from = json.at;
  json.skipValue();
  return {start: from, end: json.at};
}

function readText(bytes: Buffer, {start, end}: Span): string | null {
  const first = bytes[start];
  if (first === quote) return decodeString(bytes, start, end);
  return first === firstOfNull ? null : bytes.toString('utf8', start, end);
}

/** More digits than a number in any column can have. */
const mostShifted = 40;

/** Writes a number without an exponent, digit by digit: 1.5e3 becomes 1500. A number of very many digits stays as it is. */
export function toPlainNumber(text: string): string {
  const [, sign = '', whole = '', fraction = '', power] = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(text) ?? [];
  if (power === undefined || Math.abs(Number(power)) > mostShifted) return text;
  const point = whole.length + Number(power);
  const digits = (whole + fraction).padEnd(point, '0').padStart(fraction.length - Number(power) + 1, '0');
  const split = digits.length - Math.max(0, fraction.length - Number(power));
  const left = digits.slice(0, split).replace(/^0+(?=\d)/, '');
  return sign + left + (split < digits.length ? `.${digits.slice(split)}` : '');
}

/** The JSON pointer (RFC 6901) for a path of keys. */
export function toPointer(keys: readonly string[]): string {
  return keys.map(key => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/**
 * Parses JSON like JavaScript, except that numbers which it would change stay as the text that was sent. Mends the caller's bytes in place,
 * and tells whether they held invalid text. Throws InvalidBodyError.
 */
export function parseExact(bytes: Buffer): {value: unknown; wasMended: boolean} {
  const json = new JsonScanner(bytes);
  json.skipValue();
  if (json.peek() !== -1) throw json.invalid('something follows the JSON value');
  let text = '';
  let from = 0;
  for (let i = 0; i < json.inexact.length; i += 2) {
    const [start = 0, end = 0] = json.inexact.slice(i, i + 2);
    text += `${bytes.toString('utf8', from, start)}"${bytes.toString('latin1', start, end)}"`;
    from = end;
  }
  return {
    value: JSON.parse(text + bytes.toString('utf8', from)),
    wasMended: !isUtf8(bytes) || json.mendedAt.length > 0,
  };
}
