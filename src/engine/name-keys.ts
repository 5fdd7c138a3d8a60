import {createHash} from 'node:crypto';
import type {Table} from '../table.js';
import {foldCase} from './fold-case.js';

/** A column of the table as it is now. */
export interface HeldColumn {
  /** In SQL. */
  readonly type: string;
  /** The undeclared key that it holds, if that is known. */
  readonly key: string | null;
  /** Whether no row holds a value; false if that was not asked, as for all tables but those of reports. @default false */
  readonly isEmpty?: boolean;
  /** Whether somebody else is known to have added it. Without a list of our comments it may be our column with another comment. */
  readonly isOwn: boolean;
  /** Whether it is named after the title of the additional field that it holds. @default false */
  readonly isTitled?: boolean;
}

/** Columns of the table as it is now, by their name as `foldCase` gives it. Empty if there is no table yet. */
export type EarlierColumns = ReadonlyMap<string, HeldColumn>;

/** What columns are named after, and the names that keys are to have instead of their own. */
export interface Naming {
  readonly namedBy: 'id' | 'title';
  readonly names: ReadonlyMap<string, string>;
}

const byKey: Naming = {namedBy: 'id', names: new Map()};

/**
 * Gives every undeclared key a name, even those that are always null, so that no name depends on which keys hold something that night.
 * A key keeps the column that it had, unless columns are to be named otherwise than before. Of the other keys, those that need no change
 * to be a name choose first.
 */
export function nameKeys(
  {columns}: Pick<Table, 'columns'>,
  keys: readonly string[],
  earlier: EarlierColumns,
  naming = byKey,
): ReadonlyMap<string, string> {
  const taken = new Set(Object.keys(columns).map(foldCase));
  const names = new Map<string, string>();
  const wanted = new Set(keys);
  for (const [name, held] of earlier) {
    const {key, isOwn} = held;
    // A key that is not sent this time keeps its name all the same, and so does a column that somebody added.
    if ((key === null && !isOwn) || taken.has(name) || isRenamed(name, held, naming)) continue;
    taken.add(name);
    if (key !== null && wanted.has(key) && !names.has(key)) names.set(key, name);
  }
  const unnamed = keys.filter(key => !names.has(key));
  const nameOf = (key: string) => naming.names.get(key) ?? toSnakeCase(key);
  const isName = (key: string) => key === nameOf(key);
  const isOthers = reserve(naming);
  const copies = new Map<string, number>();
  const [given, others] = [unnamed.filter(key => naming.names.has(key)), unnamed.filter(key => !naming.names.has(key))];
  for (const key of [...given.sort(), ...others.filter(isName), ...others.filter(each => !isName(each)).sort()]) {
    const name = nameOf(key);
    let copy = copies.get(name) ?? 1;
    let free = copy === 1 ? name : `${name}_${copy}`;
    while (taken.has(free) || isOthers(key, free)) free = `${name}_${++copy}`;
    copies.set(name, copy);
    taken.add(free);
    names.set(key, free);
  }
  return names;
}

/** Whether a name is that of another field, even of one that is not sent this time: otherwise a column would change its meaning from night to night. */
function reserve({names}: Naming): (key: string, name: string) => boolean {
  const given = new Set(names.values());
  return (key, name) => given.has(name) && names.get(key) !== name;
}

/** Whether a column is named after its key and is to be named after a title, or the other way round. A name that somebody gave it stays. */
export function isRenamed(name: string, {key, isTitled = false}: HeldColumn, {namedBy, names}: Naming): boolean {
  if (key === null) return false;
  return namedBy === 'id' ? isTitled : !isTitled && name === toSnakeCase(key) && names.has(key);
}

/**
 * The same if nothing records which key a column holds: each name depends on its key alone, whatever else is sent that night or was sent
 * before. A key gets digits of its hash appended if it has to be changed to be a name, or looks like a name made that way.
 */
export function nameKeysAlone(
  {columns}: Pick<Table, 'columns'>,
  keys: readonly string[],
  naming = byKey,
): ReadonlyMap<string, string> {
  const declared = new Set(Object.keys(columns).map(foldCase));
  const isOthers = reserve(naming);
  const isFree = (key: string) =>
    key === toSnakeCase(key) && !declared.has(key) && !/_[0-9a-f]{6,}$/.test(key) && !isOthers(key, key);
  const taken = new Set([...declared, ...keys.filter(isFree)]);
  const names = new Map<string, string>();
  for (const key of keys) {
    const given = naming.names.get(key);
    const hash = createHash('sha256').update(key).digest('hex');
    // Keys with the same short hash get a longer one.
    const lengths = [6, 16, hash.length];
    const hashed = lengths.map(length => `${toSnakeCase(key)}_${hash.slice(0, length)}`).find(name => !taken.has(name));
    const isGiven = given !== undefined && !taken.has(given);
    const name = isGiven ? given : isFree(key) ? key : (hashed ?? key);
    taken.add(name);
    names.set(key, name);
  }
  return names;
}

/**
 * The same for the headings of a report, all of which are known each time: only those that would share a name are told apart by digits of
 * their hash.
 */
export function nameHeadingsAlone(headings: readonly string[]): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  for (const name of headings.map(toSnakeCase)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const shared = nameKeysAlone(
    {columns: {}},
    headings.filter(heading => (counts.get(toSnakeCase(heading)) ?? 0) > 1),
  );
  return new Map(headings.map(heading => [heading, shared.get(heading) ?? toSnakeCase(heading)]));
}

/** A title may be a whole sentence. Postgres cuts names off at 63 bytes. */
const mostLetters = 50;

/**
 * Names additional fields after their titles. A name once given stays; `given` holds those by key. If a title makes no name of its own, because
 * another field or a declared column has it, the name ends with that of the key.
 */
export function nameTitles(
  {columns}: Pick<Table, 'columns'>,
  titles: ReadonlyMap<string, string>,
  given: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const taken = new Set(Object.keys(columns).map(foldCase));
  const names = new Map<string, string>();
  const take = (key: string, name: string) => {
    taken.add(name);
    names.set(key, name);
  };
  // What was written down may have been changed by hand.
  for (const [key, name] of given) if (!taken.has(name)) take(key, name);
  for (const [key, title] of titles) {
    if (names.has(key)) continue;
    const words = [...toSnakeCase(title)].slice(0, mostLetters).join('').replace(/_+$/, '');
    const isUsable = words !== unnamed && !/^(field_\d+|docebo_.*)$/.test(words) && !taken.has(words);
    const numbered = words === unnamed ? toSnakeCase(key) : `${words}_${toSnakeCase(key).replace(/^field_/, '')}`;
    let name = isUsable ? words : numbered;
    for (let copy = 2; taken.has(name); copy++) name = `${numbered}_${copy}`;
    take(key, name);
  }
  return names;
}

const unnamed = 'unnamed';

export function toSnakeCase(key: string): string {
  const words = key
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
  return words === '' ? unnamed : words;
}
