import type {CastOptions} from '../choices.js';
import type {CustomFields} from '../custom-fields.js';
import {declaredKeys} from '../declared-keys.js';
import {ContractError} from '../errors.js';
import type {SpooledTable} from '../spool/format.js';
import type {Table} from '../table.js';
import {type Evolution, type EvolvedColumn, evolve, holdsAnything, type UndeclaredKeys} from './evolve.js';
import {foldCase} from './fold-case.js';
import type {EarlierColumns} from './name-keys.js';

export interface Contract {
  readonly evolved: readonly EvolvedColumn[];
  /** Records in which any of these keys holds something are left out. */
  readonly discardedBy: readonly string[];
  /** Earlier column → the column that holds its key now. */
  readonly renamed: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

const nothing: Contract = {evolved: [], discardedBy: [], renamed: new Map(), warnings: []};

/** Applies the schema contract to the keys that were sent and are not declared. */
export function applyContract(
  table: Table,
  spooled: SpooledTable,
  earlier: EarlierColumns | null,
  {schemaContract, fields}: Pick<CastOptions, 'schemaContract'> & {readonly fields?: CustomFields | undefined},
): Contract {
  const undeclared = undeclaredKeys(table, spooled);
  const keys = [...undeclared].filter(([, types]) => holdsAnything(types)).map(([key]) => key);
  switch (schemaContract) {
    case 'discard_value':
      return nothing;
    case 'discard_row':
      if (keys.length > mostEvolved) throw tooMany(table, keys);
      return {...nothing, discardedBy: keys};
    case 'freeze':
      if (keys.length > 0) throw frozen(table, keys);
      return nothing;
    case 'evolve':
      if (keys.length > mostEvolved) throw tooMany(table, keys);
      return {
        ...nothing,
        ...refuseTooManyColumns(table, evolve(table, undeclared, earlier, fields), earlier ?? new Map()),
      };
  }
}

/** The keys that were sent and that the declaration does not account for. */
export function undeclaredKeys(table: Table, {undeclared}: SpooledTable): UndeclaredKeys {
  if ('*' in table.ignores) return new Map();
  const declared = declaredKeys(table);
  const seen = [...undeclared].filter(([key]) => !declared.has(key));
  return new Map(seen.sort(([a], [b]) => compareKeys(a, b)));
}

/** Sorts by code units, and numbers by their value: field_2 comes before field_10. */
function compareKeys(a: string, b: string): number {
  const [x, y] = [a, b].map(key => key.replace(/\d+/g, digits => digits.padStart(20, '0')));
  return (x ?? '') < (y ?? '') || (x === y && a < b) ? -1 : 1;
}

/** 5,000 rows with 500 extra columns fitted in DuckDB's 512 MB; with 700 they did not. */
export const mostEvolved = 500;

export function tooMany(table: Table, keys: readonly string[]): ContractError {
  const most = mostEvolved.toLocaleString('en');
  const count = keys.length.toLocaleString('en');
  return new ContractError(`${table.name} holds ${count} keys that are not declared: ${listSome(keys)}`, {
    hint: `No more than ${most} become columns, or are looked for in records. The schema contract "discard_value" leaves them out.`,
    allowedBy: {'schema-contract': 'discard_value'},
  });
}

/** A published column stays, so over many nights there can be more of them than any single night sends. */
function refuseTooManyColumns(table: Table, evolution: Evolution, earlier: EarlierColumns): Evolution {
  const made = new Set([...Object.keys(table.columns).map(foldCase), ...evolution.evolved.map(({name}) => name)]);
  const carried = [...earlier.keys()].filter(
    name => !made.has(name) && !evolution.renamed.has(name) && !name.startsWith(ourPrefix),
  );
  const count = evolution.evolved.length + carried.length;
  if (count <= mostEvolved || evolution.evolved.length === 0) return evolution;
  throw new ContractError(
    `${table.name} would have ${count.toLocaleString('en')} columns that are not declared, more than ${mostEvolved}`,
    {
      hint: `No longer sent: ${listSome(carried)}. Drop those that nobody needs, or choose "discard_value".`,
      allowedBy: {'schema-contract': 'discard_value'},
    },
  );
}

const ourPrefix = '_docebo_';

const mostListed = 20;

/** Lists keys for a sentence, the first twenty at most. */
export function listSome(keys: readonly string[]): string {
  const more = keys.length - mostListed;
  return [...keys.slice(0, mostListed), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function frozen(table: Table, keys: readonly string[]): ContractError {
  return new ContractError(`${table.name} holds keys that are not declared: ${listSome(keys)}`, {
    hint: 'The schema contract is "freeze". Choose "evolve" or "discard_value": a tenant\'s additional fields (field_1, …) are such keys.',
    allowedBy: {'schema-contract': 'evolve'},
  });
}
