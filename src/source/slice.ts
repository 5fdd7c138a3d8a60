import {isUtf8} from 'node:buffer';
import {findValue, toPlainNumber, toPointer} from '../json/raw-record.js';
import {closeBrace, closeBracket, colon, JsonScanner, openBrace, openBracket, quote, space} from '../json/scanner.js';
import type {SentType} from '../spool/format.js';
import type {RecordSpans} from '../spool/lines.js';
import type {ExactPath} from '../table.js';

/**
 * Cuts the records out of a reply without building objects: parsing each one costs twice the whole pipeline's time.
 * A body that is not one whole JSON value is refused. Three things that would stop a line from loading are mended in place,
 * by edits of equal length: newlines between tokens, lone surrogates (`\ud83d` alone) and a key that stands twice (last wins).
 */

export interface SlicedBody extends RecordSpans {
  /** Path at which the records were found; null if none of the paths was there. */
  readonly foundAt: string | null;
  /** The body with the records taken out. */
  readonly envelope: unknown;
  /** Lone surrogates, repeated keys and invalid UTF-8 that were mended. */
  readonly mended: number;
}

interface Key {
  readonly name: string;
  /** As written, closing quote included. */
  readonly raw: Uint8Array;
  readonly declared: boolean;
  /** Where under it a number must stay as it was sent. */
  readonly exactPaths: readonly ExactPath[];
  /** Of the body that held it last. */
  readonly types: Set<SentType>;
  body: number;
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
  readonly #declared: ReadonlyMap<string, readonly ExactPath[]>;
  readonly #paths: readonly string[];
  readonly #keys = new Map<string, Key>();
  /** Keys in the order of the record before: records of a list are alike, so the next key is nearly always guessed. */
  readonly #order: Key[] = [];
  #json = new JsonScanner(Buffer.alloc(0));
  #body = 0;
  #record = 0;
  #lists: FoundList[] = [];
  #discovered: Key[] = [];
  #exactTexts = new Map<number, Map<string, string>>();

  /** `declared`: the root keys that columns account for, as `exactPaths` of a table gives them. */
  constructor(declared: ReadonlyMap<string, readonly ExactPath[]>, paths: readonly string[]) {
    this.#declared = declared;
    this.#paths = paths;
  }

  /** Takes the body over: it is edited in place. Throws InvalidBodyError. */
  slice(body: Buffer): SlicedBody {
    const wellFormed = isUtf8(body);
    this.#json = new JsonScanner(wellFormed ? body : Buffer.from(body.toString('utf8')));
    this.#json.mended = wellFormed ? 0 : 1;
    this.#body++;
    this.#lists = [];
    this.#discovered = [];
    this.#exactTexts = new Map();
    this.#envelope('');
    if (this.#json.peek() !== -1) throw this.#json.invalid('something follows the JSON value');
    const found = this.#paths
      .map(path => this.#lists.find(list => list.path === path))
      .find(list => list !== undefined);
    return {
      bytes: this.#json.bytes,
      spans: found?.spans ?? [],
      foundAt: found?.path ?? null,
      envelope: this.#parseEnvelope(),
      undeclared: Object.fromEntries(this.#discovered.map(({name, types}) => [name, [...types]])),
      exactTexts: this.#exactTexts,
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
    do visit(this.#json.readKey());
    while (this.#json.more(closeBrace));
  }

  #scanRecord(): void {
    const json = this.#json;
    const from = json.at++;
    this.#record++;
    if (json.peek() === closeBrace) {
      json.at++;
      return;
    }
    let position = 0;
    let more: boolean;
    do {
      if (json.peek() !== quote) throw json.invalid('a key was expected');
      const start = json.at++;
      const key = this.#readKey(position++);
      json.expect(colon);
      if (!key.declared) this.#discover(key);
      const valueAt = json.at;
      const exactUntil = json.inexact.length;
      json.skipValue();
      if (key.seenIn === this.#record) this.#blank(key, from);
      if (json.inexact.length > exactUntil) this.#keepNumbers(key, from, valueAt, exactUntil);
      more = json.more(closeBrace);
      key.seenIn = this.#record;
      key.start = start;
      key.end = json.at;
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
      exactPaths: this.#declared.get(name) ?? [{keys: [name], isWhole: false}],
      types: new Set<SentType>(),
      body: 0,
      seenIn: 0,
      start: 0,
      end: 0,
    };
    this.#keys.set(name, known);
    this.#order[position] = known;
    return known;
  }

  #discover(key: Key): void {
    if (key.body !== this.#body) {
      key.body = this.#body;
      key.types.clear();
      this.#discovered.push(key);
    }
    key.types.add(this.#json.typeAhead());
  }

  /** Whole numbers need it not: DuckDB reads them digit by digit. */
  #keepNumbers({exactPaths}: Key, recordAt: number, valueAt: number, exactUntil: number): void {
    const {bytes, inexact} = this.#json;
    for (const {keys, isWhole} of exactPaths) {
      const value = findValue(bytes, valueAt, keys.slice(1));
      if (value === undefined) continue;
      for (let i = exactUntil; i < inexact.length; i += 2) {
        const [start = 0, end = 0] = inexact.slice(i, i + 2);
        if (start < value.start || end > value.end || isPlainWhole(bytes.toString('latin1', start, end))) continue;
        const sent = bytes.toString('utf8', value.start, value.end);
        const texts = this.#exactTexts.get(recordAt) ?? new Map<string, string>();
        this.#exactTexts.set(recordAt, texts.set(toPointer(keys), isWhole ? toPlainNumber(sent) : sent));
        break;
      }
    }
  }

  /** Blanks what a key held before. A last pair has no comma behind it, but then no pair follows that could repeat it. */
  #blank({start, end, exactPaths}: Key, recordAt: number): void {
    this.#json.bytes.fill(space, start, end);
    this.#json.mended++;
    for (const {keys} of exactPaths) this.#exactTexts.get(recordAt)?.delete(toPointer(keys));
  }
}

function isPlainWhole(number: string): boolean {
  return /^(-?[1-9]\d*|0)$/.test(number);
}
