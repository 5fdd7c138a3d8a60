import type {SentType} from '../spool/format.js';
import type {Kind, Table} from '../table.js';
import {casts} from './casts.js';
import {foldCase} from './fold-case.js';

/** A column that no declaration has: the record's key, the name it goes by, and what it was seen to hold. */
export interface EvolvedColumn {
  readonly key: string;
  readonly name: string;
  readonly kind: Kind;
}

/** Columns of the table as it is now, name as `foldCase` gives it → SQL type. Empty where there is none yet. */
export type EarlierColumns = ReadonlyMap<string, string>;

/** Makes a column of each key that is not declared, and warns of those whose column no longer holds what it did. */
export function evolve(
  table: Table,
  undeclared: ReadonlyMap<string, ReadonlySet<SentType>>,
  earlier: EarlierColumns,
): {readonly evolved: readonly EvolvedColumn[]; readonly warnings: readonly string[]} {
  const taken = new Set(Object.keys(table.columns).map(foldCase));
  const warnings: string[] = [];
  const evolved = [...undeclared].map(([key, types]) => {
    const name = freeName(toSnakeCase(key), taken);
    taken.add(name);
    const held = earlier.get(name);
    const kind = widen(kindOf(types), held);
    if (held !== undefined && kind === 'text' && held !== casts.text.type) {
      warnings.push(`The column ${name} held ${held} and now holds text`);
    }
    return {key, name, kind};
  });
  return {evolved, warnings};
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

const wholeType = /^U?(TINY|SMALL|BIG)?INT(EGER)?$/;
const numericType = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/** A column that held 87.5 and is sent 88 for a night still holds numbers; as text, which it would stay for good, it has no sum. */
function widen(kind: Kind, held: string | undefined): Kind {
  if (held === undefined || held === casts[kind].type) return kind;
  if (kind === 'integer' && wholeType.test(held)) return 'integer';
  if ((kind === 'integer' || kind === 'double') && numericType.test(held)) return 'double';
  return 'text';
}
