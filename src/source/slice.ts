import {isUtf8} from 'node:buffer';
import type {SentType} from '../spool/format.js';

/**
 * Cuts the records out of a reply without building objects: parsing each one costs twice the whole pipeline's time.
 * A body that is not one whole JSON value is refused. Three things that would stop a line from loading are mended in place,
 * by edits of equal length: newlines between tokens, lone surrogates (`\ud83d` alone) and a key that stands twice (last wins).
 */

/** The body is not one whole valid JSON value: cut short, garbled, or not JSON at all. */
export class InvalidBodyError extends Error {
  override readonly name = 'InvalidBodyError';
}

export interface SlicedBody {
  readonly bytes: Buffer;
  /** Start and end offsets of each record in `bytes`, two numbers a record. */
  readonly spans: readonly number[];
  /** Path at which the records were found; null if none of the paths was there. */
  readonly foundAt: string | null;
  /** The body with the records taken out. */
  readonly envelope: unknown;
  /** Undeclared keys with types not seen before by this slicer. */
  readonly undeclared: Readonly<Record<string, readonly SentType[]>>;
  /** Lone surrogates, repeated keys and invalid UTF-8 that were mended. */
  readonly mended: number;
}

const code = (character: string) => character.charCodeAt(0);
const quote = code('"');
const backslash = code('\\');
const comma = code(',');
const colon = code(':');
const openBrace = code('{');
const closeBrace = code('}');
const openBracket = code('[');
const closeBracket = code(']');
const minus = code('-');
const zero = code('0');
const nine = code('9');
const space = code(' ');

interface Key {
  readonly name: string;
  /** As written, closing quote included. */
  readonly raw: Uint8Array;
  readonly declared: boolean;
  readonly types: Set<SentType>;
  /** The record that held it last, and where: how a repeated key is noticed and blanked. */
  seenIn: number;
  start: number;
  end: number;
}

interface FoundList {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly spans: readonly number[];
}

/** Slices replies of one list. Keeps what it learns of the records' keys, so use one for each table and reuse it. */
export class Slicer {
  readonly #declared: ReadonlySet<string>;
  readonly #paths: readonly string[];
  readonly #keys = new Map<string, Key>();
  /** Keys in the order of the record before: records of a list are alike, so the next key is nearly always guessed. */
  readonly #order: Key[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #record = 0;
  #mended = 0;
  #lists: FoundList[] = [];
  #discovered = new Map<string, SentType[]>();

  constructor(declared: ReadonlySet<string>, paths: readonly string[]) {
    this.#declared = declared;
    this.#paths = paths;
  }

  /** Takes the body over: it is edited in place. Throws InvalidBodyError. */
  slice(body: Buffer): SlicedBody {
    const wellFormed = isUtf8(body);
    this.#bytes = wellFormed ? body : Buffer.from(body.toString('utf8'));
    this.#at = 0;
    this.#mended = wellFormed ? 0 : 1;
    this.#lists = [];
    this.#discovered = new Map();
    try {
      this.#envelope('');
      if (this.#peek() !== -1) throw this.#invalid('something follows the JSON value');
    } catch (error) {
      this.#forgetDiscovered();
      throw error;
    }
    const found = this.#paths
      .map(path => this.#lists.find(list => list.path === path))
      .find(list => list !== undefined);
    return {
      bytes: this.#bytes,
      spans: found?.spans ?? [],
      foundAt: found?.path ?? null,
      envelope: this.#parseEnvelope(),
      undeclared: Object.fromEntries(this.#discovered),
      mended: this.#mended,
    };
  }

  /** What stands between the lists is small, so parsing it costs nothing. */
  #parseEnvelope(): unknown {
    let rest = '';
    let from = 0;
    for (const {start, end} of this.#lists) {
      rest += `${this.#bytes.toString('utf8', from, start)}[]`;
      from = end;
    }
    return JSON.parse(rest + this.#bytes.toString('utf8', from));
  }

  #envelope(path: string): void {
    const first = this.#peek();
    const wanted = path !== '' && this.#paths.includes(path);
    const leadsOn = path === '' || this.#paths.some(candidate => candidate.startsWith(`${path}.`));
    if (wanted && first === openBracket) this.#list(path);
    else if (first === openBrace && leadsOn)
      this.#members(name => this.#envelope(path === '' ? name : `${path}.${name}`));
    else if (wanted && first === openBrace) this.#map(path);
    else this.#skipValue();
  }

  #list(path: string): void {
    const start = this.#at++;
    const spans: number[] = [];
    if (this.#peek() === closeBracket) this.#at++;
    else
      do this.#span(spans, path);
      while (this.#more(closeBracket));
    this.#lists.push({path, start, end: this.#at, spans});
  }

  /** A map whose values are the records: /learn/v1/courses/{id}/sessions (api-facts §2.4). */
  #map(path: string): void {
    const start = this.#at;
    const spans: number[] = [];
    this.#members(() => this.#span(spans, path));
    this.#lists.push({path, start, end: this.#at, spans});
  }

  #span(spans: number[], path: string): void {
    if (this.#peek() !== openBrace) throw this.#invalid(`a record at ${path} is not an object`);
    const start = this.#at;
    this.#scanRecord();
    spans.push(start, this.#at);
  }

  #members(visit: (name: string) => void): void {
    this.#at++;
    if (this.#peek() === closeBrace) {
      this.#at++;
      return;
    }
    do visit(this.#keyName());
    while (this.#more(closeBrace));
  }

  #keyName(): string {
    this.#expect(quote);
    const start = this.#at;
    this.#skipString();
    const name: unknown = JSON.parse(`"${this.#bytes.toString('utf8', start, this.#at)}`);
    this.#expect(colon);
    return String(name);
  }

  #scanRecord(): void {
    this.#record++;
    this.#at++;
    if (this.#peek() === closeBrace) {
      this.#at++;
      return;
    }
    let position = 0;
    let more: boolean;
    do {
      if (this.#peek() !== quote) throw this.#invalid('a key was expected');
      const start = this.#at++;
      const key = this.#readKey(position++);
      this.#expect(colon);
      if (!key.declared) this.#discover(key);
      this.#skipValue();
      more = this.#more(closeBrace);
      if (key.seenIn === this.#record) this.#blank(key.start, key.end);
      key.seenIn = this.#record;
      key.start = start;
      key.end = this.#at;
    } while (more);
  }

  #readKey(position: number): Key {
    const guess = this.#order[position];
    const bytes = this.#bytes;
    const at = this.#at;
    if (guess !== undefined) {
      const {raw} = guess;
      let index = 0;
      while (index < raw.length && bytes[at + index] === raw[index]) index++;
      if (index === raw.length) {
        this.#at = at + index;
        return guess;
      }
    }
    this.#skipString();
    const raw = Uint8Array.from(bytes.subarray(at, this.#at));
    const name = String(JSON.parse(`"${Buffer.from(raw).toString()}`));
    const known = this.#keys.get(name) ?? {
      name,
      raw,
      declared: this.#declared.has(name),
      types: new Set<SentType>(),
      seenIn: 0,
      start: 0,
      end: 0,
    };
    this.#keys.set(name, known);
    this.#order[position] = known;
    return known;
  }

  #discover(key: Key): void {
    const type = this.#typeAhead();
    if (key.types.has(type)) return;
    key.types.add(type);
    this.#discovered.set(key.name, [...(this.#discovered.get(key.name) ?? []), type]);
  }

  /** A refused body is asked for again, and then its keys have to be told. */
  #forgetDiscovered(): void {
    for (const [name, types] of this.#discovered) {
      for (const type of types) this.#keys.get(name)?.types.delete(type);
    }
  }

  #typeAhead(): SentType {
    const first = this.#peek();
    if (first === quote) return 'string';
    if (first === openBrace) return 'object';
    if (first === openBracket) return 'array';
    if (first === code('n')) return 'null';
    if (first === code('t') || first === code('f')) return 'boolean';
    let at = this.#at + 1;
    while (isDigit(this.#bytes[at])) at++;
    const next = this.#bytes[at];
    const fits = at - this.#at <= 18;
    return fits && next !== code('.') && next !== code('e') && next !== code('E') ? 'integer' : 'number';
  }

  /** A last pair has no comma behind it, but then no pair follows that could repeat it. */
  #blank(start: number, end: number): void {
    this.#bytes.fill(space, start, end);
    this.#mended++;
  }

  /** Skips white space, newlines made spaces, and gives the next byte, or -1 at the end. */
  #peek(): number {
    for (;;) {
      const next = this.#bytes[this.#at];
      if (next === undefined) return -1;
      if (next > space) return next;
      if (next === 10 || next === 13) this.#bytes[this.#at] = space;
      else if (next !== space && next !== 9) throw this.#invalid('a control character stands between values');
      this.#at++;
    }
  }

  #expect(byte: number): void {
    if (this.#peek() !== byte) throw this.#invalid(`${String.fromCharCode(byte)} was expected`);
    this.#at++;
  }

  #more(close: number): boolean {
    const next = this.#peek();
    if (next !== comma && next !== close) throw this.#invalid(`, or ${String.fromCharCode(close)} was expected`);
    this.#at++;
    return next === comma;
  }

  /** Without recursion, so that no nesting overflows the stack. */
  #skipValue(): void {
    const closers: number[] = [];
    for (;;) {
      const first = this.#peek();
      if (first === openBrace || first === openBracket) {
        this.#at++;
        const close = first === openBrace ? closeBrace : closeBracket;
        if (this.#peek() !== close) {
          closers.push(close);
          if (close === closeBrace) this.#skipKey();
          continue;
        }
        this.#at++;
      } else this.#skipScalar(first);
      for (;;) {
        const close = closers.at(-1);
        if (close === undefined) return;
        if (this.#more(close)) {
          if (close === closeBrace) this.#skipKey();
          break;
        }
        closers.pop();
      }
    }
  }

  #skipKey(): void {
    this.#expect(quote);
    this.#skipString();
    this.#expect(colon);
  }

  #skipScalar(first: number): void {
    if (first === quote) {
      this.#at++;
      this.#skipString();
    } else if (first === minus || isDigit(first)) this.#skipNumber();
    else if (first === code('t')) this.#skipWord('true');
    else if (first === code('f')) this.#skipWord('false');
    else if (first === code('n')) this.#skipWord('null');
    else throw this.#invalid(first === -1 ? 'it ends too early' : 'a value was expected');
  }

  /** From behind the opening quote to behind the closing one. */
  #skipString(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (;;) {
      const next = bytes[at];
      if (next === quote) break;
      if (next === undefined) throw this.#invalid('it ends inside a text');
      if (next < space) throw this.#invalid('a control character stands in a text');
      if (next === backslash) at = this.#skipEscape(at);
      else at++;
    }
    this.#at = at + 1;
  }

  #skipEscape(at: number): number {
    const kind = this.#bytes[at + 1];
    if (kind !== code('u')) {
      if (kind === undefined || !'"\\/bfnrt'.includes(String.fromCharCode(kind)))
        throw this.#invalid('an unknown escape');
      return at + 2;
    }
    const unit = this.#hex(at + 2);
    if (unit < 0xd800 || unit > 0xdfff) return at + 6;
    const paired =
      unit < 0xdc00 &&
      this.#bytes[at + 6] === backslash &&
      this.#bytes[at + 7] === code('u') &&
      isLow(this.#hex(at + 8));
    if (paired) return at + 12;
    this.#bytes.write('\\ufffd', at, 'latin1');
    this.#mended++;
    return at + 6;
  }

  #hex(at: number): number {
    const digits = this.#bytes.toString('latin1', at, at + 4);
    if (!/^[0-9a-f]{4}$/i.test(digits)) throw this.#invalid('an escape is not hexadecimal');
    return Number.parseInt(digits, 16);
  }

  #skipNumber(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    if (bytes[at] === minus) at++;
    if (bytes[at] === zero) at++;
    else at = this.#skipDigits(at);
    if (bytes[at] === code('.')) at = this.#skipDigits(at + 1);
    if (bytes[at] === code('e') || bytes[at] === code('E')) {
      at++;
      if (bytes[at] === code('+') || bytes[at] === minus) at++;
      at = this.#skipDigits(at);
    }
    this.#at = at;
  }

  #skipDigits(from: number): number {
    let at = from;
    while (isDigit(this.#bytes[at])) at++;
    if (at === from) throw this.#invalid('a digit was expected');
    return at;
  }

  #skipWord(word: string): void {
    if (this.#bytes.toString('latin1', this.#at, this.#at + word.length) !== word)
      throw this.#invalid(`${word} was expected`);
    this.#at += word.length;
  }

  #invalid(why: string): InvalidBodyError {
    return new InvalidBodyError(`not a whole JSON value: ${why}, at byte ${this.#at} of ${this.#bytes.length}`);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
