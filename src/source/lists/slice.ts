import {isUtf8} from 'node:buffer';
import type {ExactPath} from '../../declared-keys.js';
import {
  closeBrace,
  closeBracket,
  colon,
  InvalidBodyError,
  JsonScanner,
  openBrace,
  openBracket,
  quote,
  space,
} from '../../json/scanner.js';
import type {RecordNotes, RecordSpans} from '../../spool/lines.js';
import {BodyNotes} from './body-notes.js';
import {type NotedColumns, NotedValues} from './noted-values.js';
import {type Key, mostKeys, RecordKeys} from './record-keys.js';

/**
 * Cuts the records out of a reply without building objects: parsing each one costs twice the whole pipeline's time.
 * A body that is not one whole JSON value is refused. Three things that would stop a line from loading are mended in place,
 * by edits of equal length: newlines between tokens, lone surrogates (`\ud83d` alone) and a key that occurs twice (last wins).
 * What is not UTF-8 is decoded once it is cut out.
 */

/** Limits of what is parsed or remembered of a body, so that none fills the memory. Real ones hold a few hundred bytes, 200 records and 50 keys. */
const mostEnvelopeBytes = 1024 * 1024;
const mostRecords = 500_000;
const mostMembers = 2 * mostKeys;

export interface SlicedBody extends RecordSpans {
  /** Path at which the records were found; null if none of the paths was there. */
  readonly foundAt: string | null;
  /** Start and end of the record beside the list, if there is one. */
  readonly beside: readonly number[];
  /** The body with the records taken out. */
  readonly envelope: unknown;
  /** Whether anything in it was not valid text. */
  readonly wasMended: boolean;
  /** The values of `SliceOptions.noted`: a line for each record. */
  readonly noted: string;
}

/** What else a reply may be than a list or a map of records. */
interface SliceOptions {
  /** Whether the paths lead to a record rather than to a list. */
  readonly isRecord?: boolean;
  /** Path of one more record, beside the list. It becomes the last, wherever it stands. */
  readonly beside?: string | undefined;
  /** Columns whose values are noted, by the keys that may hold them. */
  readonly noted?: NotedColumns | undefined;
}

interface FoundList {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly spans: readonly number[];
}

/** Slices replies of one list. Keeps what it learns about the records' keys, so use one for each table and reuse it. */
export class Slicer {
  readonly #paths: readonly string[];
  readonly #options: SliceOptions;
  readonly #keys: RecordKeys;
  readonly #noted: NotedValues;
  #json = new JsonScanner(Buffer.alloc(0));
  #body = 0;
  #record = 0;
  #lists: FoundList[] = [];
  #listBytes = 0;
  #beside: number[] = [];
  #discovered: Key[] = [];
  #repeated = new Set<string>();
  #notes = new BodyNotes(this.#json, false);
  /** Whether the body is not UTF-8. */
  #isMalformed = false;

  /** `declared`: the root keys that columns account for, as `exactPaths` of a table gives them. */
  constructor(
    declared: ReadonlyMap<string, readonly ExactPath[]>,
    paths: readonly string[],
    options: SliceOptions = {},
  ) {
    this.#noted = new NotedValues(options.noted ?? []);
    this.#keys = new RecordKeys(declared, this.#noted.keys);
    this.#paths = paths;
    this.#options = options;
  }

  /** Takes the body over: it is edited in place. Throws InvalidBodyError. */
  slice(body: Buffer): SlicedBody {
    this.#json = new JsonScanner(body);
    this.#isMalformed = !isUtf8(body);
    this.#body++;
    this.#lists = [];
    this.#listBytes = 0;
    this.#beside = [];
    this.#keys.forgetTooMany();
    this.#discovered = [];
    this.#repeated = new Set();
    this.#notes = new BodyNotes(this.#json, this.#isMalformed);
    this.#noted.take();
    this.#envelope('');
    if (this.#json.peek() !== -1) throw this.#json.invalid('something follows the JSON value');
    this.#refuseLargeEnvelope();
    const [found, second] = this.#lists;
    // Nobody can tell which of them holds the records.
    if (second !== undefined) throw this.#json.invalid(`lists stand at ${found?.path} and at ${second.path}`);
    const records = {bytes: body, spans: found?.spans ?? [], beside: this.#beside, notes: this.#notes.byRecord};
    return {
      ...(this.#isMalformed ? decodeRecords(records) : records),
      foundAt: found?.path ?? null,
      envelope: this.#parseEnvelope(),
      undeclared: Object.fromEntries(this.#discovered.map(({name, types}) => [name, [...types]])),
      repeated: [...this.#repeated],
      wasMended: this.#isMalformed || this.#json.mendedAt.length > 0,
      noted: this.#noted.take(),
    };
  }

  /** The rest of the body is small, so parsing it costs nothing. */
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
    const {isRecord, beside = ''} = this.#options;
    const leadsOn = path === '' || [...this.#paths, beside].some(candidate => candidate.startsWith(`${path}.`));
    if (isRecord ? wanted && first === openBrace : wanted && first === openBracket) this.#list(path);
    else if (path !== '' && path === beside && first === openBrace) this.#span(this.#beside, path);
    else if (first === openBrace && leadsOn) {
      const names = new Set<string>();
      this.#members(name => {
        // A reader may take either of two equal keys: they may hold different lists, or count different things.
        if (names.size === names.add(name).size) throw this.#json.invalid(`${name} occurs there twice`);
        this.#envelope(path === '' ? name : `${path}.${name}`);
      });
    } else if (wanted && first === openBrace) this.#map(path);
    else this.#json.skipValue();
    this.#refuseLargeEnvelope();
  }

  #refuseLargeEnvelope(): void {
    if (this.#json.at - this.#listBytes > mostEnvelopeBytes)
      throw new InvalidBodyError(`more than ${mostEnvelopeBytes} bytes beside the records`);
  }

  #list(path: string): void {
    const spans: number[] = [];
    const start = this.#json.at;
    if (this.#options.isRecord) this.#span(spans, path);
    else {
      this.#json.at++;
      this.#items(spans, path);
    }
    this.#found({path, start, end: this.#json.at, spans});
  }

  #items(spans: number[], path: string): void {
    if (this.#json.peek() === closeBracket) this.#json.at++;
    else
      do this.#span(spans, path);
      while (this.#json.more(closeBracket));
  }

  /** A map whose values are the records: /learn/v1/courses/{id}/sessions (tables/API.md#other-shapes). */
  #map(path: string): void {
    const start = this.#json.at;
    const spans: number[] = [];
    this.#members(() => this.#span(spans, path));
    this.#found({path, start, end: this.#json.at, spans});
  }

  #found(list: FoundList): void {
    this.#lists.push(list);
    this.#listBytes += list.end - list.start;
  }

  #span(spans: number[], path: string): void {
    if (spans.length >= 2 * mostRecords) throw new InvalidBodyError(`more than ${mostRecords} records`);
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
    const isMalformed = this.#isMalformed;
    const from = json.at++;
    const record = ++this.#record;
    if (json.peek() === closeBrace) {
      json.at++;
      this.#noted.endRecord(json.bytes);
      return;
    }
    let position = 0;
    let more: boolean;
    do {
      if (json.peek() !== quote) throw json.invalid('a key was expected');
      if (position === mostMembers) throw new InvalidBodyError(`a record of more than ${mostMembers} members`);
      const start = json.at++;
      const {noted} = json;
      const key = this.#keys.read(json, position++);
      json.expect(colon);
      if (!key.declared) this.#discover(key);
      const valueAt = json.at;
      json.skipValue();
      if (key.slot >= 0) this.#noted.note(key.slot, valueAt, json.at);
      if (key.seenIn === record) this.#blank(key, from);
      if (json.noted !== noted || isMalformed) this.#notes.note(key, from, start, valueAt);
      more = json.more(closeBrace);
      key.seenIn = record;
      key.start = start;
      key.end = json.at;
    } while (more);
    this.#noted.endRecord(json.bytes);
  }

  #discover(key: Key): void {
    if (key.body !== this.#body) {
      key.body = this.#body;
      key.types.clear();
      this.#discovered.push(key);
    }
    key.types.add(this.#json.typeAhead());
  }

  /** Blanks the earlier value of a key. The last pair has no comma after it, but no later pair can repeat it. */
  #blank({name, start, end, exactPaths}: Key, recordAt: number): void {
    this.#json.bytes.fill(space, start, end);
    this.#repeated.add(name);
    this.#notes.forget(exactPaths, recordAt);
  }
}

/** Replaces what is not UTF-8 by U+FFFD, which changes the lengths. */
function decodeRecords({bytes, spans, beside, notes}: Pick<SlicedBody, 'bytes' | 'spans' | 'beside' | 'notes'>) {
  const parts: Buffer[] = [];
  const decodedNotes = new Map<number, RecordNotes>();
  let at = 0;
  const decode = (sent: readonly number[]) => {
    const decoded: number[] = [];
    for (let index = 0; index < sent.length; index += 2) {
      const start = sent[index] ?? 0;
      const record = Buffer.from(bytes.toString('utf8', start, sent[index + 1]));
      const noted = notes.get(start);
      if (noted !== undefined) decodedNotes.set(at, noted);
      parts.push(record);
      decoded.push(at, at + record.length);
      at += record.length;
    }
    return decoded;
  };
  const decoded = {spans: decode(spans), beside: decode(beside), notes: decodedNotes};
  return {bytes: Buffer.concat(parts), ...decoded};
}
