import {createHash} from 'node:crypto';
import type {Table} from '../table.js';
import {foldCase} from './fold-case.js';

/** A column of the table as it is now. */
export interface HeldColumn {
  /** In SQL. */
  readonly type: string;
  /** The undeclared key that it was made of, if that is known. */
  readonly key: string | null;
  /** Whether it is known that it was made of none, but by somebody else. */
  readonly isOwn: boolean;
}

/** Columns of the table as it is now, by name as `foldCase` gives it. Empty where there is none yet. */
export type EarlierColumns = ReadonlyMap<string, HeldColumn>;

/**
 * Allots a name to every undeclared key, those that are always null included, so that no name depends on which keys hold something
 * that night. A key keeps the column that it had; then a key that is a name as it is comes before one that is made into it.
 */
export function nameKeys(
  {columns}: Pick<Table, 'columns'>,
  keys: readonly string[],
  earlier: EarlierColumns,
): ReadonlyMap<string, string> {
  const taken = new Set(Object.keys(columns).map(foldCase));
  const names = new Map<string, string>();
  const wanted = new Set(keys);
  for (const [name, {key, isOwn}] of earlier) {
    // One that is not sent this time keeps its name all the same, and so does one that is nobody's key.
    if ((key === null && !isOwn) || taken.has(name)) continue;
    taken.add(name);
    if (key !== null && wanted.has(key) && !names.has(key)) names.set(key, name);
  }
  const unnamed = keys.filter(key => !names.has(key));
  const isName = (key: string) => key === toSnakeCase(key);
  const copies = new Map<string, number>();
  for (const key of [...unnamed.filter(isName), ...unnamed.filter(each => !isName(each)).sort()]) {
    const name = toSnakeCase(key);
    let copy = copies.get(name) ?? 1;
    let free = copy === 1 ? name : `${name}_${copy}`;
    while (taken.has(free)) free = `${name}_${++copy}`;
    copies.set(name, copy);
    taken.add(free);
    names.set(key, free);
  }
  return names;
}

/**
 * The same where nothing tells which key a column was made of: each name depends on its key alone, whatever else is sent that night or
 * was before. A key that is no name as it is, and any that could be taken for the name of such a one, has letters of its hash behind.
 */
export function nameKeysAlone({columns}: Pick<Table, 'columns'>, keys: readonly string[]): ReadonlyMap<string, string> {
  const declared = new Set(Object.keys(columns).map(foldCase));
  const isFree = (key: string) => key === toSnakeCase(key) && !declared.has(key) && !/_[0-9a-f]{6,}$/.test(key);
  const taken = new Set([...declared, ...keys.filter(isFree)]);
  const names = new Map<string, string>();
  for (const key of keys) {
    const hash = createHash('sha256').update(key).digest('hex');
    // Two keys with one hash would have to be looked for. They get names all the same.
    const lengths = [6, 16, hash.length];
    const hashed = lengths.map(length => `${toSnakeCase(key)}_${hash.slice(0, length)}`).find(name => !taken.has(name));
    const name = isFree(key) ? key : (hashed ?? key);
    taken.add(name);
    names.set(key, name);
  }
  return names;
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
