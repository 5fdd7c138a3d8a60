/** A JSON type that an undeclared key was seen to hold. */
export type SentType =
  | 'null'
  | 'boolean'
  /** Whole, and exact as a double. */
  | 'integer'
  /** Whole, beyond the digits of a double but within 64 bits. */
  | 'bigint'
  /** With a fraction or an exponent, and within the range in which doubles hold whole numbers exactly. */
  | 'number'
  /** Any other number: no numeric column holds all its digits. */
  | 'hugeint'
  | 'string'
  | 'object'
  | 'array';

/** The body is not one whole valid JSON value: cut short, garbled, or not JSON at all. */
export class InvalidBodyError extends Error {
  override readonly name = 'InvalidBodyError';
}

const code = (character: string) => character.charCodeAt(0);
export const quote = code('"');
const backslash = code('\\');
export const comma = code(',');
export const colon = code(':');
export const openBrace = code('{');
export const closeBrace = code('}');
export const openBracket = code('[');
export const closeBracket = code(']');
const minus = code('-');
const zero = code('0');
const nine = code('9');
export const space = code(' ');
const point = code('.');

/** Limits on what is remembered, so that no reply fills the memory. */
const mostLevels = 1_000_000;
const mostNoted = 1_000_000;

/** A double gives back every number of so many digits. */
const doubleDigits = 15;

/**
 * Walks one JSON text byte by byte and refuses what is not valid. On its way it replaces newlines between tokens and lone surrogates, by
 * edits of equal length, so that any part of the text fits on one line and loads.
 */
export class JsonScanner {
  readonly bytes: Buffer;
  at = 0;
  /** Start and end of each number that a double would not write as it was sent: 1.10, 1e5, 9007199254740993. */
  readonly inexact: number[] = [];
  /** Where lone surrogates were replaced. */
  readonly mendedAt: number[] = [];
  /** How many entries the two have. */
  noted = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Skips white space, turning newlines into spaces, and returns the next byte, or -1 at the end. */
  peek(): number {
    for (;;) {
      const next = this.bytes[this.at];
      if (next === undefined) return -1;
      if (next > space) return next;
      if (next === 10 || next === 13) this.bytes[this.at] = space;
      else if (next !== space && next !== 9) throw this.invalid('a control character stands between values');
      this.at++;
    }
  }

  expect(byte: number): void {
    if (this.peek() !== byte) throw this.invalid(`${String.fromCharCode(byte)} was expected`);
    this.at++;
  }

  more(close: number): boolean {
    const next = this.peek();
    if (next !== comma && next !== close) throw this.invalid(`, or ${String.fromCharCode(close)} was expected`);
    this.at++;
    return next === comma;
  }

  /** Without recursion, so that no nesting overflows the stack. */
  skipValue(): void {
    const closers: number[] = [];
    for (;;) {
      const first = this.peek();
      if (first === openBrace || first === openBracket) {
        this.at++;
        const close = first === openBrace ? closeBrace : closeBracket;
        if (this.peek() !== close) {
          if (closers.length === mostLevels) throw new InvalidBodyError(`more than ${mostLevels} levels of nesting`);
          closers.push(close);
          if (close === closeBrace) this.#skipKey();
          continue;
        }
        this.at++;
      } else this.#skipScalar(first);
      for (;;) {
        const close = closers.at(-1);
        if (close === undefined) return;
        if (this.more(close)) {
          if (close === closeBrace) this.#skipKey();
          break;
        }
        closers.pop();
      }
    }
  }

  #skipKey(): void {
    this.expect(quote);
    this.skipString();
    this.expect(colon);
  }

  /** Reads a member's key, and moves on to its value. */
  readKey(): string {
    this.expect(quote);
    const start = this.at;
    this.skipString();
    const key = decodeString(this.bytes, start - 1, this.at);
    this.expect(colon);
    return key;
  }

  #skipScalar(first: number): void {
    if (first === quote) {
      this.at++;
      this.skipString();
    } else if (first === minus || isDigit(first)) this.#skipNumber();
    else if (first === code('t')) this.#skipWord('true');
    else if (first === code('f')) this.#skipWord('false');
    else if (first === code('n')) this.#skipWord('null');
    else throw this.#noValue(first);
  }

  #noValue(first: number): InvalidBodyError {
    return this.invalid(first === -1 ? 'it ends too early' : 'a value was expected');
  }

  /** Moves from after the opening quote to after the closing one. */
  skipString(): void {
    const bytes = this.bytes;
    let at = this.at;
    for (;;) {
      const next = bytes[at];
      if (next === quote) break;
      if (next === undefined) throw this.invalid('it ends inside a text');
      if (next < space) throw this.invalid('a control character stands in a text');
      if (next === backslash) at = this.#skipEscape(at);
      else at++;
    }
    this.at = at + 1;
  }

  #skipEscape(at: number): number {
    const kind = this.bytes[at + 1];
    if (kind !== code('u')) {
      if (kind === undefined || !'"\\/bfnrt'.includes(String.fromCharCode(kind)))
        throw this.invalid('an unknown escape');
      return at + 2;
    }
    const unit = this.#hex(at + 2);
    if (unit < 0xd800 || unit > 0xdfff) return at + 6;
    const paired =
      unit < 0xdc00 && this.bytes[at + 6] === backslash && this.bytes[at + 7] === code('u') && isLow(this.#hex(at + 8));
    if (paired) return at + 12;
    this.bytes.write('\\ufffd', at, 'latin1');
    this.mendedAt.push(at);
    this.#countNoted();
    return at + 6;
  }

  #countNoted(): void {
    if (++this.noted > mostNoted)
      throw new InvalidBodyError(
        `more than ${mostNoted} numbers that have to be kept as texts, or halves of characters`,
      );
  }

  #hex(at: number): number {
    const digits = this.bytes.toString('latin1', at, at + 4);
    if (!/^[0-9a-f]{4}$/i.test(digits)) throw this.invalid('an escape is not hexadecimal');
    return Number.parseInt(digits, 16);
  }

  #skipNumber(): void {
    const bytes = this.bytes;
    const start = this.at;
    let at = start;
    if (bytes[at] === minus) at++;
    if (bytes[at] === zero) at++;
    else at = this.#skipDigits(at);
    const wholeEnd = at;
    if (bytes[at] === point) at = this.#skipDigits(at + 1);
    const fractionEnd = at;
    if (bytes[at] === code('e') || bytes[at] === code('E')) {
      at++;
      if (bytes[at] === code('+') || bytes[at] === minus) at++;
      at = this.#skipDigits(at);
    }
    this.at = at;
    const isPlain = at === wholeEnd && at - start <= doubleDigits && bytes[start] !== minus;
    if (isPlain || (at === fractionEnd && this.#isExact(start, wholeEnd, at))) return;
    this.inexact.push(start, at);
    this.#countNoted();
  }

  /** DuckDB writes a double by its shortest digits, 2.0 for a whole one, and one below 0.0001 with an exponent. */
  #isExact(start: number, wholeEnd: number, end: number): boolean {
    const bytes = this.bytes;
    const first = bytes[start] === minus ? start + 1 : start;
    if (end === wholeEnd) return end - first <= doubleDigits && (first === start || bytes[first] !== zero);
    if (end - first - 1 > doubleDigits) return false;
    if (bytes[end - 1] === zero) return end - wholeEnd === 2;
    return bytes[first] !== zero || bytes.toString('latin1', wholeEnd + 1, wholeEnd + 5) !== '0000';
  }

  #skipDigits(from: number): number {
    let at = from;
    while (isDigit(this.bytes[at])) at++;
    if (at === from) throw this.invalid('a digit was expected');
    return at;
  }

  #skipWord(word: string): void {
    if (this.bytes.toString('latin1', this.at, this.at + word.length) !== word)
      throw this.invalid(`${word} was expected`);
    this.at += word.length;
  }

  invalid(why: string): InvalidBodyError {
    if (/^\s*</.test(this.bytes.toString('latin1', 0, 100)))
      return new InvalidBodyError('a page of HTML instead of JSON');
    return new InvalidBodyError(`not a whole JSON value: ${why}, at byte ${this.at} of ${this.bytes.length}`);
  }

  /** The type of the value that begins here. Throws InvalidBodyError if none does. */
  typeAhead(): SentType {
    const first = this.peek();
    if (first === quote) return 'string';
    if (first === openBrace) return 'object';
    if (first === openBracket) return 'array';
    if (first === code('n')) return 'null';
    if (first === code('t') || first === code('f')) return 'boolean';
    if (first !== minus && !isDigit(first)) throw this.#noValue(first);
    let at = this.at + 1;
    while (isDigit(this.bytes[at])) at++;
    const next = this.bytes[at];
    const isWhole = next !== point && next !== code('e') && next !== code('E');
    return isWhole ? typeOfWhole(this.at, at, this.bytes) : this.#typeOfFraction(at);
  }

  /** A number so large that a double has no digits left for a fraction may be an id, however it is written. */
  #typeOfFraction(wholeEnd: number): SentType {
    let at = wholeEnd;
    while (this.bytes[at] === point || isDigit(this.bytes[at])) at++;
    const hasExponent = this.bytes[at] === code('e') || this.bytes[at] === code('E');
    if (!hasExponent && wholeEnd - this.at <= doubleDigits) return 'number';
    const text = /^[\d.eE+-]+/.exec(this.bytes.toString('latin1', this.at, at + mostExponent))?.[0];
    return Math.abs(Number(text)) <= Number.MAX_SAFE_INTEGER ? 'number' : 'hugeint';
  }
}

/** The most characters of an exponent that are worth reading. */
const mostExponent = 8;

/** The type of a whole number, by the bits that it takes. */
function typeOfWhole(start: number, end: number, bytes: Buffer): SentType {
  if (end - start <= doubleDigits) return 'integer';
  if (end - start > 20) return 'hugeint';
  const value = BigInt(bytes.toString('latin1', start, end));
  return BigInt.asIntN(64, value) === value ? 'bigint' : 'hugeint';
}

/** The text of a string; its span includes the quotes. */
export function decodeString(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start + 1, end - 1);
  return text.includes('\\') ? String(JSON.parse(`"${text}"`)) : text;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
