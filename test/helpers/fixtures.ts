import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {sentNames} from '../../src/declared-keys.js';
import {isDerived, treeOf} from '../../src/routes.js';
import {
  type ApiRoute,
  type Derivation,
  type DerivedRoute,
  defaultRecordPaths,
  type Parent,
  type SentRecord,
  type Table,
} from '../../src/table.js';

/** One record of a fixture, and what its list was bound to. */
export interface FixtureRecord {
  readonly sent: SentRecord;
  readonly bound: Readonly<Record<string, string>>;
  /** What is made of it and of the others. */
  readonly made?: Readonly<Record<string, string>>;
}

const folder = new URL('../../fixtures/', import.meta.url);
const pageSize = 200;

/** The body of a fixture, by its path below `fixtures/`. */
export function readFixture(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, folder), 'utf8'));
}

/** Fixture files of a route: `page-N.json` answers a table's first route, any other name its last. */
export function fixtureFiles({name, routes}: Table, route: ApiRoute): readonly string[] {
  const own = new URL(`${name}/`, folder);
  const files = existsSync(own) ? readdirSync(own).sort() : [];
  return files
    .filter(file => (file.startsWith('page-') ? route === routes[0] : route === routes.at(-1)))
    .map(file => `${name}/${file}`);
}

export function fixtureRecords(table: Table): readonly FixtureRecord[] {
  const records = table.routes.flatMap(route =>
    isDerived(route) ? derivedRecords(route) : recordsOfRoute(table, route),
  );
  return treeOf(table)?.path === undefined
    ? records
    : records.map(record => ({...record, made: placeInTree(table, record, records)}));
}

/** The path of a node, which the engine makes of the others. */
function placeInTree(table: Table, node: FixtureRecord, all: readonly FixtureRecord[]): Record<string, string> {
  const {id = '', parentId = '', path} = treeOf(table) ?? {};
  if (path === undefined) return {};
  const text = (record: FixtureRecord, column: string) => String(columnValue(table, column, record));
  const titles: string[] = [];
  for (let at: FixtureRecord | undefined = node; at !== undefined && titles.length < all.length; ) {
    titles.unshift(text(at, path.of));
    const above = text(at, parentId);
    at = all.find(other => text(other, id) === above);
  }
  return {[path.column]: titles.join(' / ')};
}

/** What a column would be cast from. */
export function columnValue({columns}: Table, name: string, {sent, bound, made}: FixtureRecord): unknown {
  const column = columns[name];
  if (column === undefined) return null;
  return made?.[name] ?? bound[name] ?? firstValue(sentNames(name, column).map(path => at(sent, path)));
}

function recordsOfRoute(table: Table, route: ApiRoute): readonly FixtureRecord[] {
  const files = fixtureFiles(table, route);
  if (files.length === 0) return [];
  // A reply that is one record says itself which parent it is of.
  const bound = route.parent === undefined || route.record !== undefined ? {} : bindFirst(route.parent);
  return files.flatMap(file => {
    const body = readFixture(file);
    const page = Number(/(\d+)\.json$/.exec(file)?.[1]);
    const records =
      route.explode?.(body, {page, pageSize, bound}).records ??
      (route.record === undefined ? recordsIn(body, route.recordsAt) : [at(body, route.record)].filter(isObject));
    const root = route.descend?.root === undefined ? [] : [at(body, route.descend.root)].filter(isObject);
    return [...root, ...records].map(sent => ({sent, bound}));
  });
}

/** Written apart from the program, which cuts elements out of bytes. */
function derivedRecords({derive}: DerivedRoute): readonly FixtureRecord[] {
  const {table, where = {}, each} = derive;
  const rows = fixtureRecords(table).filter(record =>
    Object.entries(where).every(([column, values]) => values.includes(String(columnValue(table, column, record)))),
  );
  return each === undefined ? rows : rows.flatMap(row => elementsOf(derive, row));
}

function elementsOf({table, each = '', named, key, position, bind = {}, outer = {}}: Derivation, row: FixtureRecord) {
  const given = Object.entries(bind).map(([own, theirs]) => [own, columnValue(table, theirs, row)] as const);
  const toRecord = (sent: SentRecord, more: readonly (readonly [string, unknown])[]): FixtureRecord => {
    const held = [...given, ...more].filter(([, value]) => value !== null && value !== undefined);
    return {sent, bound: Object.fromEntries(held.map(([name, value]) => [name, String(value)]))};
  };
  if (named !== undefined) {
    return fixtureRecords(named).flatMap(({sent}) => {
      const value = row.sent[each.replace(/\{\w+\}/, String(sent[named.primaryKey[0]]))];
      return value === undefined ? [] : [toRecord({...sent, value}, [])];
    });
  }
  let around: readonly SentRecord[] = [row.sent];
  const steps = each.split('.');
  for (const step of steps.slice(0, -1)) {
    const inner = around.map(value => value[step.replace('[]', '')]);
    around = inner.flatMap(value => (step.endsWith('[]') ? Object.values(value ?? {}) : [value])).filter(isObject);
  }
  return around.flatMap(holder => {
    const held = holder[steps.at(-1) ?? ''];
    if (!isObject(held)) return [];
    const isOne = !Array.isArray(held) && key === undefined && Object.values(held).some(value => !isObject(value));
    return (isOne ? [['', held] as const] : Object.entries(held)).flatMap(([name, value], index) => {
      if (!isObject(value)) return [];
      const outers = Object.entries(outer).map(
        ([own, names]) => [own, firstValue(names.map(each => holder[each]))] as const,
      );
      const keys = key !== undefined && !Array.isArray(held) ? [[key, name] as const] : [];
      const places = position === undefined ? [] : [[position, index + 1] as const];
      return [toRecord(value, [...outers, ...keys, ...places])];
    });
  });
}

/** Binds to the first row of the parent that a run would ask for children. */
function bindFirst({table, bind, where = {}, skipIfZero = []}: Parent): Readonly<Record<string, string>> {
  for (const record of fixtureRecords(table)) {
    const bound = Object.entries(bind).map(([to, from]) => [to, columnValue(table, from, record)] as const);
    const wanted = Object.entries(where).every(([column, values]) => {
      const value = columnValue(table, column, record);
      return value === null || values.includes(String(value));
    });
    const empty = skipIfZero.some(column => String(columnValue(table, column, record)) === '0');
    if (wanted && !empty && bound.every(([, value]) => value !== null)) {
      return Object.fromEntries(bound.map(([to, value]) => [to, String(value)]));
    }
  }
  throw new Error(`No fixture of ${table.name} can be a parent.`);
}

function recordsIn(body: unknown, paths: readonly string[] = defaultRecordPaths): readonly SentRecord[] {
  const records = firstValue(paths.map(path => at(body, path)));
  return isObject(records) ? Object.values(records).filter(isObject) : [];
}

function firstValue(values: readonly unknown[]): unknown {
  return values.find(value => value !== undefined && value !== null) ?? null;
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function isObject(value: unknown): value is SentRecord {
  return typeof value === 'object' && value !== null;
}
