import {declaredKeys, exactPaths, sentNames} from '../../declared-keys.js';
import {ResponseError} from '../../errors.js';
import {parseExact, RawRecord} from '../../json/raw-record.js';
import {comma, InvalidBodyError, openBrace, openBracket} from '../../json/scanner.js';
import type {PageFacts} from '../../spool/format.js';
import {fingerprintAll, linesFromRecords, linesFromSpans, type PageLines} from '../../spool/lines.js';
import {readKey, readOwn} from '../../spool/record-values.js';
import {type ApiRoute, defaultRecordPaths, type Table} from '../../table.js';
import {describeKeys, isBlank, readCursor, readMember, readPagingFacts, refuseErrorBody} from './envelope.js';
import {holdsText} from './holds-text.js';
import {type Bound, formatRequest, type Query} from './request.js';
import {type SlicedBody, Slicer} from './slice.js';
import {UnfitRouteError} from './unfit-route.js';

/** One reply of a list, cut into records. */
export interface Page {
  readonly request: string;
  readonly facts: PageFacts;
  readonly lines: PageLines;
  /** The key of each record and when it was last changed, if the route can be asked for changes (NotedValues). */
  readonly keys: string | undefined;
  /** The records as sent, with what was bound; empty for a reply that has to be taken apart (`explode`). */
  readonly look: () => readonly RawRecord[];
  readonly cursor: string | null;
}

/** Identifies a list of a route. */
export interface ListAddress {
  /** The values that its parent binds. */
  readonly bound: Bound;
  /** Query parameters of this list only, such as the node of a tree. */
  readonly extra: Query;
}

export interface PageAddress extends ListAddress {
  readonly number: number;
  /** Records on each page, if the server chose another number than was asked for. Only a list by offset has to know. */
  readonly size?: number | undefined;
}

/** Knows how the pages of one route are asked for and read. One instance serves all lists of the route, since their records are alike. */
export class PageFormat {
  readonly route: ApiRoute;
  readonly #table: Table;
  readonly #pageSize: number;
  readonly #slicer: Slicer;

  constructor(table: Table, route: ApiRoute, pageSize: number) {
    this.route = route;
    this.#table = table;
    this.#pageSize = pageSize;
    const {record, descend, changes} = route;
    const noted = changes === undefined ? [] : [...table.primaryKey, changes.column];
    const onlyMembers = Object.keys(route.only ?? {}).map(member => [member]);
    this.#slicer = new Slicer(exactPaths(table), this.#recordPaths, {
      isRecord: record !== undefined,
      beside: descend?.root,
      noted: [...noted.map(name => sentNames(name, table.columns[name] ?? {})), ...onlyMembers],
    });
  }

  get #recordPaths(): readonly string[] {
    const {record, recordsAt = defaultRecordPaths} = this.route;
    return record === undefined ? recordsAt : [record];
  }

  /** Path and query. */
  ask({number, bound, extra, size = this.#pageSize}: PageAddress): string {
    if (this.route.export !== undefined) return formatRequest(this.route, bound, extra);
    if (this.route.paging === 'single') {
      // If it has pages all the same, they have the size that the server chose for the first.
      return formatRequest(this.route, bound, number === 1 ? extra : {...extra, page: String(number)});
    }
    if (this.route.paging === 'offset')
      return formatRequest(this.route, bound, {...extra, from: String((number - 1) * size), count: String(size)});
    const paging = {page: String(number), page_size: String(this.#pageSize), get_total_count: '1'};
    const frozen = this.route.cursor && number === 1 ? {get_cursor: '1'} : {};
    return formatRequest(this.route, bound, {...extra, ...paging, ...frozen});
  }

  /** The request for a page, as it is written down and named in errors. */
  name(address: PageAddress): string {
    return `GET ${this.ask(address)}`;
  }

  /** Throws InvalidBodyError for a reply that is worth asking for again, ResponseError for one of another shape. */
  read(body: Buffer, address: PageAddress, status = 200): Page {
    // 204 is another way to say that there is nothing.
    const sent = status === 204 && body.length === 0 ? Buffer.from('null') : body;
    if (this.route.explode !== undefined) return this.#explode(sent, address, status);
    const {bound} = address;
    const request = this.name(address);
    const sliced = this.#slicer.slice(sent);
    const {envelope} = sliced;
    refuseErrorBody(envelope, sliced.spans.length / 2);
    const blank = sliced.foundAt === null && isBlank(envelope, this.#recordPaths) ? status : null;
    if (sliced.foundAt === null && blank === null) throw this.#unknownEnvelope(request, envelope);
    const listed = linesFromSpans(sliced);
    const facts = {
      ...this.#readFacts(envelope, address),
      sent: listed.records,
      blank,
      fingerprint: listed.fingerprint(),
    };
    const beside = this.#keepBeside(sliced, address);
    const all = beside.length === 0 ? sliced : {...sliced, spans: [...sliced.spans, ...beside]};
    const look = () => rawRecords(all, bound);
    this.#refuseOtherShape(request, look);
    this.#refuseOtherKind(request, sliced.noted);
    this.#refuseIgnoredSearch(request, facts, look);
    if (this.route.record !== undefined) this.#refuseOther(request, bound, look());
    const lines = all === sliced ? listed : linesFromSpans(all);
    const keys = this.route.changes === undefined ? undefined : sliced.noted;
    return {request, facts, lines, keys, look, cursor: readCursor(envelope)};
  }

  /** The root of a tree stands beside each of its pages and lists, and is kept once: from the first page of the first list, if that lacks it. */
  #keepBeside({bytes, spans, beside}: SlicedBody, {number, extra}: PageAddress): readonly number[] {
    if (beside.length === 0 || number > 1 || Object.keys(extra).length > 0) return [];
    const [key] = this.keysOf(rawRecords({bytes, spans: beside}, {}));
    return key === undefined || this.keysOf(rawRecords({bytes, spans}, {})).includes(key) ? [] : beside;
  }

  #refuseOtherShape(request: string, look: () => readonly RawRecord[]): void {
    const holds = Object.entries(this.route.holds ?? {});
    const [first] = holds.length === 0 ? [] : look();
    const [lacking] = holds.filter(([member]) => first !== undefined && first.read([member]) === null);
    if (lacking !== undefined) throw new ResponseError(`${request} has no ${lacking[0]}: ${lacking[1]}`);
  }

  /** Reads the values as the slicer noted them: to look into each record would take longer than slicing all of it. */
  #refuseOtherKind(request: string, noted: string): void {
    const only = Object.entries(this.route.only ?? {});
    for (const line of only.length === 0 ? [] : noted.split('\n').slice(0, -1)) {
      const values = line.split('\t').slice(-only.length);
      for (const [index, [member, kinds]] of only.entries()) {
        const kind = values[index] ?? '';
        if (!kinds.includes(kind))
          throw new UnfitRouteError(
            `${request} holds a record whose ${member} is ${JSON.stringify(kind)}: its query is ignored.`,
          );
      }
    }
  }

  /** Docebo may find by more than it sends, so only a full page of which no record holds the text shows that the search was ignored. */
  #refuseIgnoredSearch(
    request: string,
    {sent, has_more, page_size}: PageFacts,
    look: () => readonly RawRecord[],
  ): void {
    const [text] = this.route.filter?.['search_text'] ?? [];
    const isFull = sent > 0 && (has_more === true || sent >= (page_size ?? this.#pageSize));
    if (text === undefined || !isFull || look().some(record => holdsText(record, text))) return;
    throw new UnfitRouteError(
      `${request} holds no record with the text ${JSON.stringify(text)}: Docebo ignores its search_text.`,
    );
  }

  /** A reply that holds one record may be an error in a success: the record has to hold the key that was asked for. */
  #refuseOther(request: string, bound: Bound, records: readonly RawRecord[]): void {
    const {primaryKey, columns} = this.#table;
    for (const name of primaryKey.filter(name => name in bound)) {
      const column = columns[name];
      const own = records.map(record => column && readOwn(record, name, column));
      if (own.some(value => value !== bound[name]))
        throw new ResponseError(`${request} was answered with a record of another ${name}, or of none.`);
    }
  }

  #explode(body: Buffer, address: PageAddress, status: number): Page {
    const {number, bound} = address;
    const request = this.name(address);
    refuseManyValues(body);
    const {value: envelope, wasMended} = parseExact(body);
    try {
      const context = {page: number, pageSize: this.#pageSize, bound};
      const blank = isBlank(envelope, ['data']) ? status : null;
      const exploded = blank === null ? this.route.explode?.(envelope, context) : undefined;
      const {records, listed} = exploded ?? {records: [], listed: []};
      refuseErrorBody(envelope, listed.length);
      const lines = linesFromRecords(records, declaredKeys(this.#table), {wasMended, heldBytes: body.length});
      const fingerprint = fingerprintAll(listed);
      const facts = {...this.#readFacts(envelope, address), sent: listed.length, blank, fingerprint};
      return {request, facts, lines, keys: undefined, look: () => [], cursor: readCursor(envelope)};
    } catch (cause) {
      // JSON.stringify recurses at each level.
      if (cause instanceof RangeError)
        throw new ResponseError(`${request}: its values are nested more deeply than can be read.`, {cause});
      if (!(cause instanceof TypeError)) throw cause;
      refuseErrorBody(envelope, 0);
      throw new ResponseError(`${request} is not the reply that ${this.#table.name} knows: ${cause.message}.`, {cause});
    }
  }

  #readFacts(
    envelope: unknown,
    {number, size = this.#pageSize}: PageAddress,
  ): Omit<PageFacts, 'sent' | 'blank' | 'fingerprint'> {
    const facts = readPagingFacts(envelope, this.#recordPaths);
    const asked = this.route.paging === 'single' ? null : size;
    const next = this.route.export === undefined ? {} : {next: readMember(envelope, 'nextToken', 'next_token')};
    return {number, ...facts, ...next, page_size: facts.page_size ?? asked};
  }

  /** The keys of the records; fewer than the records if some have none. */
  keysOf(records: readonly RawRecord[]): readonly string[] {
    return records.map(record => readKey(record, this.#table)).filter(key => key !== null);
  }

  #unknownEnvelope(request: string, envelope: unknown): ResponseError {
    const paths = this.#recordPaths.join(', ');
    return new ResponseError(`${request}: no records at ${paths}. The reply holds ${describeKeys(envelope)}.`);
  }
}

/** A survey of 200 submissions with a hundred answers each holds a tenth of that. */
const mostValues = 1_000_000;

/** A value takes up to twenty times the memory of its text, so a body that is parsed may not hold very many. */
function refuseManyValues(body: Buffer): void {
  let values = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === comma || byte === openBrace || byte === openBracket) values++;
  }
  // Characters inside texts are counted too, although they are no values.
  if (values > mostValues) throw new InvalidBodyError(`more than ${mostValues} values`);
}

function rawRecords({bytes, spans}: Pick<SlicedBody, 'bytes' | 'spans'>, bound: Bound): readonly RawRecord[] {
  const records: RawRecord[] = [];
  for (let index = 0; index < spans.length; index += 2) {
    records.push(new RawRecord(bytes, {start: spans[index] ?? 0, end: spans[index + 1] ?? 0}, bound));
  }
  return records;
}
