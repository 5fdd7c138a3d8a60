import type {SentType} from '../json/scanner.js';
import type {Kind, Table} from '../table.js';
import {casts} from './casts.js';
import {foldCase} from './fold-case.js';
import {type EarlierColumns, nameKeys, nameKeysAlone, toSnakeCase} from './name-keys.js';

/** An undeclared column: the record's key, the column's name, and what the key was seen to hold. */
export interface EvolvedColumn {
  readonly key: string;
  readonly name: string;
  readonly kind: Kind;
}

/** The types that undeclared keys were seen to hold. */
export type UndeclaredKeys = ReadonlyMap<string, ReadonlySet<SentType>>;

export interface Evolution {
  readonly evolved: readonly EvolvedColumn[];
  readonly warnings: readonly string[];
}

/**
 * Makes a column of each key that holds anything, and warns of those whose column changes its type. `earlier` is null for a destination
 * that keeps only the names of its columns.
 */
export function evolve(table: Table, undeclared: UndeclaredKeys, earlier: EarlierColumns | null): Evolution {
  const keys = [...undeclared.keys()];
  const names = earlier === null ? nameKeysAlone(table, keys) : nameKeys(table, keys, earlier);
  const declared = new Set(Object.keys(table.columns).map(foldCase));
  const warnings: string[] = [];
  const evolved = [...undeclared]
    .filter(([, types]) => holdsAnything(types))
    .map(([key, types]) => {
      const name = names.get(key) ?? key;
      const held = earlier?.get(name);
      const kind = widen(types, held?.type);
      if (held !== undefined && kind === 'text' && held.type !== casts.text.type) {
        warnings.push(`The column ${name} held ${held.type} and now holds text`);
      }
      if (held?.key === null) {
        warnings.push(`The column ${name} holds ${JSON.stringify(key)}; whether it held that key before is not known`);
      }
      const wanted = toSnakeCase(key);
      if (held === undefined && !declared.has(wanted) && earlier?.get(wanted)?.isOwn) {
        warnings.push(`The column ${wanted} is your own, so the values sent as ${JSON.stringify(key)} are in ${name}`);
      }
      return {key, name, kind};
    });
  return {evolved, warnings};
}

/** A key that was only ever null shows no type yet, so it does not become a column yet. */
export function holdsAnything(types: ReadonlySet<SentType>): boolean {
  return [...types].some(type => type !== 'null');
}

function kindOf(types: ReadonlySet<SentType>): Kind {
  const seen = [...types].filter(type => type !== 'null');
  const only = (...allowed: SentType[]) => seen.every(type => allowed.includes(type));
  if (only('boolean')) return 'boolean';
  if (only('integer', 'bigint')) return 'integer';
  // As a double, a number beyond 64 bits would lose digits, and so would an id in a column of fractions.
  if (only('integer', 'number')) return 'double';
  if (only('object', 'array')) return 'json';
  return 'text';
}

const wholeType = /^U?(TINY|SMALL|BIG)?INT(EGER)?$/;
const numericType = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/** A column that held 87.5 and gets only 88 for a night still holds numbers. As text, which it would stay for good, it has no sum. */
function widen(types: ReadonlySet<SentType>, held: string | undefined): Kind {
  const kind = kindOf(types);
  if (held === undefined || held === casts[kind].type) return kind;
  if (kind === 'integer' && wholeType.test(held)) return 'integer';
  if ((kind === 'integer' || kind === 'double') && numericType.test(held) && !types.has('bigint')) return 'double';
  return 'text';
}
