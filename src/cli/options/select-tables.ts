import picomatch from 'picomatch';
import type {Target} from '../../destination/destination.js';
import {UsageError} from '../../errors.js';
import {isBulk} from '../../routes.js';
import {areas, type Table} from '../../table.js';
import {findNearest, suggest} from './nearest.js';

export interface SelectedTable {
  readonly table: Table;
  /** The name that was asked for: an alias stays an alias in the destination. */
  readonly name: string;
  /** Whether it was asked for by its name rather than by a set or a pattern. */
  readonly isNamed: boolean;
}

export interface Selection {
  readonly tables: readonly SelectedTable[];
  /** Whether several tables were meant, even if a pattern happened to match one. */
  readonly many: boolean;
}

/** Turns the values of `--source-table` into tables, in the order asked for, each of them once. */
export function selectTables(known: readonly Table[], asked: readonly string[]): Selection {
  const given = asked.flatMap(splitAtCommas);
  const words = given.filter(word => !word.startsWith('!'));
  const left = given.filter(word => word.startsWith('!')).flatMap(word => matchWord(known, word.slice(1)));
  const out = new Set(left.map(({table}) => table));

  const selected = new Map<Table, SelectedTable>();
  for (const match of words.flatMap(word => matchWord(known, word))) {
    if (out.has(match.table)) continue;
    const before = selected.get(match.table);
    if (before === undefined) selected.set(match.table, match);
    else if (match.isNamed) selected.set(match.table, {...before, isNamed: true});
  }
  if (selected.size === 0) throw new UsageError('--source-table names no table.', {hint: listNames(known)});
  return {tables: [...selected.values()], many: selected.size > 1 || words.some(word => isPattern(word))};
}

/** The table of exactly this name or alias. */
export function findTable(known: readonly Table[], name: string): Table {
  const table = known.find(candidate => namesOf(candidate).includes(name));
  if (table !== undefined) return table;
  const nearest = findNearest(name, known.flatMap(namesOf));
  throw new UsageError(`There is no table ${name}.${suggest(nearest)}`, {hint: listNames(known)});
}

function matchWord(known: readonly Table[], word: string): SelectedTable[] {
  if (!isPattern(word)) return [{table: findTable(known, word), name: word, isNamed: true}];
  const set = findSet(word);
  if (set !== undefined) return known.filter(set).map(table => ({table, name: table.name, isNamed: false}));
  const matches = picomatch(word);
  const found = known.flatMap(table => {
    const name = namesOf(table).find(candidate => matches(candidate));
    return name === undefined ? [] : [{table, name, isNamed: false}];
  });
  if (found.length === 0) throw new UsageError(`No table matches ${word}.`, {hint: listNames(known)});
  return found;
}

const areaPrefix = 'area:';

/** What belongs to a set; undefined for a pattern of names. Throws UsageError for an area that does not exist. */
function findSet(word: string): ((table: Table) => boolean) | undefined {
  if (word === 'all') return () => true;
  if (word === 'bulk') return isBulk;
  if (!word.startsWith(areaPrefix)) return undefined;
  const name = word.slice(areaPrefix.length).trim().toLowerCase().replaceAll(/[-\s]/g, '_');
  const area = areas.find(each => each === name);
  if (area !== undefined) return table => table.area === area;
  throw new UsageError(`There is no area ${name}.${suggest(findNearest(name, areas))}`, {
    hint: `Areas: ${areas.join(', ')}.`,
  });
}

function isPattern(word: string): boolean {
  return ['all', 'bulk'].includes(word) || word.startsWith(areaPrefix) || picomatch.scan(word).isGlob;
}

/** Commas inside braces belong to the pattern: `{users,courses}`. */
function splitAtCommas(text: string): string[] {
  return text
    .split(/,(?![^{]*\})/)
    .map(word => word.trim())
    .filter(word => word !== '');
}

function namesOf({name, aliases}: Table): readonly string[] {
  return [name, ...aliases];
}

function listNames(known: readonly Table[]): string {
  return `Tables: ${known.map(({name}) => name).join(', ')}.`;
}

interface TargetedTable {
  readonly table: Table;
  readonly target: Target;
  readonly mayBeAbsent: boolean;
}

/** Says where each table lands. `destTable` is a table for one source table and a schema for several. */
export function chooseTargets({tables, many}: Selection, destTable: string | undefined): readonly TargetedTable[] {
  return tables.map(({table, name, isNamed}) => ({
    table,
    target: chooseTarget(name, many, destTable),
    mayBeAbsent: !isNamed,
  }));
}

function chooseTarget(name: string, many: boolean, destTable: string | undefined): Target {
  if (destTable === undefined) return {schema: null, name};
  const [first = '', second, ...rest] = destTable.split('.');
  if (first === '' || second === '' || rest.length > 0) {
    throw new UsageError(`--dest-table ${destTable} is neither a table nor schema.table.`, {
      hint: 'Write it like dest.users, or dest.* for several tables.',
    });
  }
  if (second === '*') return {schema: first, name};
  if (many) {
    if (second === undefined) return {schema: first, name};
    throw new UsageError(`--dest-table ${destTable} is one table, but several are to be written.`, {
      hint: `With several tables --dest-table is a schema: ${first} or '${first}.*'.`,
    });
  }
  return second === undefined ? {schema: null, name: first} : {schema: first, name: second};
}
