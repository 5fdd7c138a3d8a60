import type {Table} from '../table.js';
import type {EarlierColumns} from './evolve.js';
import {foldCase} from './fold-case.js';

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
  for (const [name, {key}] of earlier) {
    // One that is not sent this time keeps its name all the same.
    if (key === null || taken.has(name)) continue;
    taken.add(name);
    if (wanted.has(key) && !names.has(key)) names.set(key, name);
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

/** Keys whose names would be the same, but for a number at the end. */
export function findClashes(keys: readonly string[]): ReadonlySet<string> {
  const first = new Map<string, string>();
  const clashing = new Set<string>();
  for (const key of keys) {
    const name = toSnakeCase(key);
    const other = first.get(name);
    if (other === undefined) first.set(name, key);
    else clashing.add(other).add(key);
  }
  return clashing;
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
