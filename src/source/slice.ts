import {isUtf8} from 'node:buffer';
import type {SentType} from '../spool/format.js';
import {closeBrace, closeBracket, colon, JsonScanner, openBrace, openBracket, quote, space} from './json-scanner.js';

/**
 * Cuts the records out of a reply without building objects: parsing each one costs twice the whole pipeline's time.
 * A body that is not one whole JSON value is refused. Three things that would stop a line from loading are mended in place,
 * by edits of equal length: newlines between tokens, lone surrogates (`\ud83d` alone) and a key that stands twice (last wins).
 */

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
  #json = new JsonScanner(Buffer.alloc(0));
  #record = 0;
  #lists: FoundList[] = [];
  #discovered = new Map<string, SentType[]>();

  constructor(declared: ReadonlySet<string>, paths: readonly string[]) {
    this.#declared = declared;
    this.#paths = paths;
  }

  /** Takes the body over: it is edited in place. Throws InvalidBodyError. */
  slice(body: Buffer): SlicedBody {
    const wellFormed = isUtf8(body);
    this.#json = new JsonScanner(wellFormed ? body : Buffer.from(body.toString('utf8')));
    this.#json.mended = wellFormed ? 0 : 1;
    this.#lists = [];
    this.#discovered = new Map();
    try {
      this.#envelope('');
      if (this.#json.peek() !== -1) throw this.#json.invalid('something follows the JSON value');
    } catch (error) {
      this.#forgetDiscovered();
      throw error;
    }
    const found = this.#paths
      .map(path => this.#lists.find(list => list.path === path))
      .find(list => list !== undefined);
    return {
      bytes: this.#json.bytes,
      spans: found?.spans ?? [],
      foundAt: found?.path ?? null,
      envelope: this.#parseEnvelope(),
      undeclared: Object.fromEntries(this.#discovered),
      mended: this.#json.mended,
    };
  }

  /** What stands between the lists is small, so parsing it costs nothing. */
  #parseEnvelope(): unknown {
    let rest = '';
    let from = 0;
    for (const {start, end} of this.#lists) {
      rest += `${this.#json.bytes.toString('utf8', from, start)}[]`;
      from = end;
    }
    return JSON.parse(rest + this.#json.bytes.toString('utf8', from));
  }

  #envelope(path: string): void {
    const first = this.#json.peek();
    const wanted = path !== '' && this.#paths.includes(path);
    const leadsOn = path === '' || this.#paths.some(candidate => candidate.startsWith(`${path}.`));
    if (wanted && first === openBracket) this.#list(path);
    else if (first === openBrace && leadsOn)
      this.#members(name => this.#envelope(path === '' ? name : `${path}.${name}`));
    else if (wanted && first === openBrace) this.#map(path);
    else this.#json.skipValue();
  }

  #list(path: string): void {
    const start = this.#json.at++;
    const spans: number[] = [];
    if (this.#json.peek() === closeBracket) this.#json.at++;
    else
      do this.#span(spans, path);
      while (this.#json.more(closeBracket));
    this.#lists.push({path, start, end: this.#json.at, spans});
  }

  /** A map whose values are the records: /learn/v1/courses/{id}/sessions (api-facts §2.4). */
  #map(path: string): void {
    const start = this.#json.at;
    const spans: number[] = [];
    this.#members(() => this.#span(spans, path));
    this.#lists.push({path, start, end: this.#json.at, spans});
  }

  #span(spans: number[], path: string): void {
    if (this.#json.peek() !== openBrace) throw this.#json.invalid(`a record at ${path} is not an object`);
    const start = this.#json.at;
    this.#scanRecord();
    spans.push(start, this.#json.at);
  }

  #members(visit: (name: string) => void): void {
    this.#json.at++;
    if (this.#json.peek() === closeBrace) {
      this.#json.at++;
      return;
    }
    do visit(this.#keyName());
    while (this.#json.more(closeBrace));
  }

  #keyName(): string {
    this.#json.expect(quote);
    const start = this.#json.at;
    this.#json.skipString();
    const name: unknown = JSON.parse(`"${this.#json.bytes.toString('utf8', start, this.#json.at)}`);
    this.#json.expect(colon);
    return String(name);
  }

  #scanRecord(): void {
    this.#record++;
    this.#json.at++;
    if (this.#json.peek() === closeBrace) {
      this.#json.at++;
      return;
    }
    let position = 0;
    let more: boolean;
    do {
      if (this.#json.peek() !== quote) throw this.#json.invalid('a key was expected');
      const start = this.#json.at++;
      const key = this.#readKey(position++);
      this.#json.expect(colon);
      if (!key.declared) this.#discover(key);
      this.#json.skipValue();
      more = this.#json.more(closeBrace);
      if (key.seenIn === this.#record) this.#blank(key.start, key.end);
      key.seenIn = this.#record;
      key.start = start;
      key.end = this.#json.at;
    } while (more);
  }

  #readKey(position: number): Key {
    const guess = this.#order[position];
    const bytes = this.#json.bytes;
    const at = this.#json.at;
    if (guess !== undefined) {
      const {raw} = guess;
      let index = 0;
      while (index < raw.length && bytes[at + index] === raw[index]) index++;
      if (index === raw.length) {
        this.#json.at = at + index;
        return guess;
      }
    }
    this.#json.skipString();
    const raw = Uint8Array.from(bytes.subarray(at, this.#json.at));
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
    const type = this.#json.typeAhead();
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

  /** A last pair has no comma behind it, but then no pair follows that could repeat it. */
  #blank(start: number, end: number): void {
    this.#json.bytes.fill(space, start, end);
    this.#json.mended++;
  }
}
