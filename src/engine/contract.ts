import type {CastOptions} from '../destination/destination.js';
import {ResponseError} from '../errors.js';
import {pageKey, type SentType, type SpooledTable} from '../spool/format.js';
import {declaredKeys, type Kind, type Table} from '../table.js';
import {casts} from './casts.js';

/** A column that no declaration has: the record's key, the name it goes by, and what it was seen to hold. */
export interface EvolvedColumn {
  readonly key: string;
  readonly name: string;
  readonly kind: Kind;
}

export interface Contract {
  readonly evolved: readonly EvolvedColumn[];
  /** Records in which any of these keys holds something are left out. */
  readonly discardedBy: readonly string[];
}

/** Columns of the table as it is now, lower-cased name → SQL type. Empty where there is none yet. */
export type EarlierColumns = ReadonlyMap<string, string>;

/** What the schema contract makes of the keys that were sent and not declared. */
export function applyContract(
  table: Table,
  spooled: SpooledTable,
  earlier: EarlierColumns,
  {schemaContract}: Pick<CastOptions, 'schemaContract'>,
): Contract {
  const undeclared = undeclaredKeys(table, spooled);
  const keys = [...undeclared.keys()];
  switch (schemaContract) {
    case 'discard_value':
      return {evolved: [], discardedBy: []};
    case 'discard_row':
      return {evolved: [], discardedBy: keys};
    case 'freeze':
      if (keys.length > 0) throw frozen(table, keys);
      return {evolved: [], discardedBy: []};
    case 'evolve':
      if (keys.length > mostEvolved) throw tooMany(table, keys);
      return {evolved: evolve(table, undeclared, earlier), discardedBy: []};
  }
}

/** A key that was only ever null shows no type yet, so it is no column yet either. */
function undeclaredKeys(table: Table, {undeclared}: SpooledTable): Map<string, ReadonlySet<SentType>> {
  const declared = declaredKeys(table);
  const worthAColumn = [...undeclared].filter(
    ([key, types]) => key !== pageKey && !declared.has(key) && [...types].some(type => type !== 'null'),
  );
  return new Map(worthAColumn.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** 5,000 rows of 500 columns more went through DuckDB's 512 MB, and of 700 did not. */
const mostEvolved = 500;

function tooMany(table: Table, keys: readonly string[]): ResponseError {
  const most = mostEvolved.toLocaleString('en');
  const count = keys.length.toLocaleString('en');
  return new ResponseError(`${table.name} holds ${count} keys that are not declared: ${listSome(keys)}`, {
    hint: `No more than ${most} become columns. The schema contract "discard_value" leaves them out.`,
  });
}

const mostListed = 20;

/** Keys as a sentence lists them, however many there are. */
export function listSome(keys: readonly string[]): string {
  const more = keys.length - mostListed;
  return [...keys.slice(0, mostListed), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function frozen(table: Table, keys: readonly string[]): ResponseError {
  return new ResponseError(`${table.name} holds keys that are not declared: ${listSome(keys)}`, {
    hint: 'The schema contract is "freeze". Choose "evolve" or "discard_value": additional fields of a tenant (field_1, …) come as such keys.',
  });
}

function evolve(
  table: Table,
  undeclared: ReadonlyMap<string, ReadonlySet<SentType>>,
  earlier: EarlierColumns,
): EvolvedColumn[] {
  const taken = new Set(Object.keys(table.columns).map(name => name.toLowerCase()));
  return [...undeclared].map(([key, types]) => {
    const name = freeName(toSnakeCase(key), taken);
    taken.add(name);
    const kind = kindOf(types);
    const held = earlier.get(name);
    return {key, name, kind: held === undefined || held === casts[kind].type ? kind : 'text'};
  });
}

export function toSnakeCase(key: string): string {
  const words = key
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
  return words === '' ? 'unnamed' : words;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let copy = 2; taken.has(free); copy++) free = `${name}_${copy}`;
  return free;
}

function kindOf(types: ReadonlySet<SentType>): Kind {
  const seen = [...types].filter(type => type !== 'null');
  const only = (...allowed: SentType[]) => seen.every(type => allowed.includes(type));
  if (only('boolean')) return 'boolean';
  if (only('integer')) return 'integer';
  if (only('integer', 'number')) return 'double';
  if (only('object', 'array')) return 'json';
  return 'text';
}
