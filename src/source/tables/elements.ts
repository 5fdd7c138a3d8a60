import {ResponseError} from '../../errors.js';
import {findMembers, RawRecord, type Span, toPointer} from '../../json/raw-record.js';
import {closeBrace, closeBracket, JsonScanner, openBrace, openBracket} from '../../json/scanner.js';
import {readValue} from '../../spool/record-values.js';
import type {Derivation, KeyedTable} from '../../table.js';
import {UnfitRouteError} from '../lists/unfit-route.js';

/** What a record of the parent holds at `each`. */
interface Found {
  readonly elements: readonly Element[];
  /** Whether the member is there, although it may be empty; null if nothing that could hold it is. */
  readonly isThere: boolean | null;
}

interface Element {
  readonly key: string | null;
  /** From 1. */
  readonly place: number;
  readonly span: Span;
  /** The innermost element around its list. */
  readonly outer: Span | null;
}

/** Makes the rows of a derived table from records of its parent. One instance serves all of them. */
export class ElementReader {
  readonly #derivation: Derivation;
  readonly #names: readonly NamedRow[];
  readonly #steps: readonly string[];
  #wasThere = false;
  #wasMissing = false;

  /** `names`: the rows of the table `named`. */
  constructor(derivation: Derivation, names: readonly NamedRow[]) {
    this.#derivation = derivation;
    this.#names = names;
    this.#steps = derivation.each?.split('.') ?? [];
  }

  /** For a table that another route may serve too: throws UnfitRouteError if any record lacks the member. */
  refuseUnfit(): void {
    const {table, each} = this.#derivation;
    if (this.#wasMissing) throw new UnfitRouteError(`${each} is not in every record of ${table.name}.`);
  }

  /** A warning if some record lacks the member and no record has it. */
  get warnings(): readonly string[] {
    const {table, each} = this.#derivation;
    return this.#wasMissing && !this.#wasThere ? [`It is empty: no record of ${table.name} holds ${each}.`] : [];
  }

  /**
   * The rows that one record gives, each with what is bound to it. Throws ResponseError for what cannot be a list or a map of records, and
   * UnfitRouteError for a record that lacks a key which the table `named` names, or counts more elements than it holds.
   */
  read(parent: RawRecord): readonly RawRecord[] {
    const {each, named, table, bind = {}} = this.#derivation;
    if (each === undefined) return [parent];
    const bound = Object.entries(bind).map(([own, theirs]) => [own, readValue(parent, table, theirs)] as const);
    return named === undefined ? this.#readInside(parent, bound) : this.#readNamed(parent, bound);
  }

  #readInside(parent: RawRecord, bound: readonly Given[]): readonly RawRecord[] {
    const {key, position, outer = {}, counted, table, each} = this.#derivation;
    const bytes = parent.encode();
    const {elements, isThere} = this.#find(bytes, 0, this.#steps, null);
    // A count that is missing or not understood proves nothing.
    const count = counted === undefined ? 0 : Number(readValue(parent, table, counted) ?? Number.NaN);
    if (!(count <= elements.length))
      throw new UnfitRouteError(`${counted} of a record of ${table.name} is not known to be what came in ${each}.`);
    this.#wasThere ||= isThere === true;
    this.#wasMissing ||= isThere === false && !(counted !== undefined && count === 0);
    return elements.map(element => {
      const around = element.outer === null ? undefined : new RawRecord(bytes, element.outer);
      const given: Given[] = [...bound];
      for (const [own, names] of Object.entries(outer)) given.push([own, readFirst(around, names)]);
      if (key !== undefined) given.push([key, element.key]);
      if (position !== undefined) given.push([position, String(element.place)]);
      return new RawRecord(bytes, element.span, known(given), this.#findMended(bytes, element, parent));
    });
  }

  #readNamed(parent: RawRecord, bound: readonly Given[]): readonly RawRecord[] {
    const {table, each = ''} = this.#derivation;
    const bytes = parent.encode();
    const members = findMembers(bytes, 0);
    this.#refuseNameless(bytes, members);
    return this.#names.map(({name, row}) => {
      const key = each.replace(/\{\w+\}/, name);
      const member = members.get(key);
      if (member === undefined) throw new UnfitRouteError(`${key} is not in every record of ${table.name}.`);
      const value = bytes.toString('utf8', member.start, member.end);
      const text = row
        .encode()
        .toString()
        .replace(/^\{\s*/, '');
      const made = Buffer.from(`{"value":${value}${text.startsWith('}') ? '' : ','}${text}`);
      const mended = parent.mended.has(toPointer([key])) ? new Set([toPointer(['value'])]) : new Set<string>();
      return new RawRecord(made, {start: 0, end: made.length}, known(bound), mended);
    });
  }

  /** A value whose key no row names would be left out. */
  #refuseNameless(bytes: Buffer, members: ReadonlyMap<string, Span>): void {
    const {table, each = '', named} = this.#derivation;
    const names = new Set(this.#names.map(({name}) => each.replace(/\{\w+\}/, name)));
    const [before = '', after = ''] = each.split(/\{\w+\}/);
    for (const [key, {start}] of members) {
      const isMeant = key.startsWith(before) && key.endsWith(after) && key.length > before.length + after.length;
      if (isMeant && !names.has(key) && bytes[start] !== firstOfNull)
        throw new UnfitRouteError(`${key} in ${table.name} is not named by ${named?.name}.`);
    }
  }

  /** Texts of an element that are not as they were sent, if any text of the member was mended. */
  #findMended(bytes: Buffer, {span}: Element, {mended}: RawRecord): Set<string> {
    const root = toPointer([this.#steps[0]?.replace(/\[\]$/, '') ?? '']);
    if (![...mended].some(pointer => pointer === root || pointer.startsWith(`${root}/`))) return new Set();
    const members = bytes[span.start] === openBrace ? [...findMembers(bytes, span.start)] : [];
    const isMended = ([, {start, end}]: (typeof members)[number]) => bytes.subarray(start, end).includes('\ufffd');
    return new Set(members.filter(isMended).map(([key]) => toPointer([key])));
  }

  #find(bytes: Buffer, start: number, [step = '', ...rest]: readonly string[], outer: Span | null): Found {
    if (bytes[start] !== openBrace) return {elements: [], isThere: null};
    const name = step.replace(/\[\]$/, '');
    const member = findMembers(bytes, start).get(name);
    if (member === undefined) return {elements: [], isThere: false};
    if (rest.length === 0) return {elements: this.#readElements(bytes, member, outer), isThere: true};
    if (name === step) return this.#find(bytes, member.start, rest, outer);
    const found = this.#readElements(bytes, member, outer).map(({span}) => this.#find(bytes, span.start, rest, span));
    const isThere = found.some(each => each.isThere) ? true : found.some(each => each.isThere === false) ? false : null;
    return {elements: found.flatMap(({elements}) => elements), isThere};
  }

  /** Null, false, blank texts and PHP's `[]` for an empty map hold nothing. A map without `key` whose values are no objects is one element. */
  #readElements(bytes: Buffer, {start, end}: Span, outer: Span | null): readonly Element[] {
    const first = bytes[start];
    if (first !== openBracket && first !== openBrace) {
      if (/^(null|false|"\s*")$/.test(bytes.toString('latin1', start, end))) return [];
      throw this.#unexpected('neither a list nor a map');
    }
    const elements = findAll(bytes, start)
      .map(([key, span], index) => ({key, place: index + 1, span, outer}))
      .filter(({span}) => bytes[span.start] !== firstOfNull);
    if (elements.every(({span}) => bytes[span.start] === openBrace)) {
      if (first === openBrace && new Set(elements.map(({key}) => key)).size < elements.length)
        throw this.#unexpected('two values under one key');
      return elements;
    }
    if (first === openBrace && this.#derivation.key === undefined)
      return [{key: null, place: 1, span: {start, end}, outer}];
    throw this.#unexpected('a value that is no record');
  }

  #unexpected(what: string): ResponseError {
    const {each, table} = this.#derivation;
    return new ResponseError(`${each} of a record of ${table.name} holds ${what}.`);
  }
}

const firstOfNull = 'null'.charCodeAt(0);

/** All members of a list or map, even those of one key. */
function findAll(bytes: Buffer, start: number): readonly (readonly [key: string | null, span: Span])[] {
  const members: (readonly [string | null, Span])[] = [];
  const json = new JsonScanner(bytes);
  const close = bytes[start] === openBrace ? closeBrace : closeBracket;
  json.at = start + 1;
  if (json.peek() === close) return members;
  do {
    const key = close === closeBrace ? json.readKey() : null;
    json.peek();
    const from = json.at;
    json.skipValue();
    members.push([key, {start: from, end: json.at}]);
  } while (json.more(close));
  return members;
}

function readFirst(record: RawRecord | undefined, names: readonly string[]): string | null {
  return names.map(name => record?.read([name]) ?? null).find(value => value !== null) ?? null;
}

type Given = readonly [column: string, value: string | null];

function known(given: readonly Given[]): Readonly<Record<string, string>> {
  return Object.fromEntries(given.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

/** A row whose key stands in the name of a member of other records. */
export interface NamedRow {
  readonly name: string;
  readonly row: RawRecord;
}

/** None for a row without a key. */
export function nameRow(table: KeyedTable, row: RawRecord): readonly NamedRow[] {
  const name = readValue(row, table, table.primaryKey[0]);
  return name === null ? [] : [{name, row}];
}
