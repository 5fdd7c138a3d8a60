import {declaredKeys, sentNames} from '../../declared-keys.js';
import {findMembers, findValue, type RawRecord} from '../../json/raw-record.js';
import {openBrace} from '../../json/scanner.js';
import {isDerived} from '../../routes.js';
import type {Route, Table} from '../../table.js';

/** How records differ from their declaration. */
export interface Differences {
  /** Declared columns that no record held, be it as null. Empty if there was no record. */
  readonly unheld: readonly string[];
  /** Whether these are no surprise: the table has another route, which sends other columns, or they are so few that other records may hold them. */
  readonly isUsual: boolean;
  /** Keys of records that no column declares, without additional fields. */
  readonly undeclared: readonly string[];
}

/** One column in four is more than a kind of records that is not on the page explains. */
const fewest = 4;

const none: Differences = {unheld: [], isUsual: true, undeclared: []};

/** Compares the records that came by a route with the columns of their table. */
export function compareColumns(table: Table, route: Route | null, records: readonly RawRecord[]): Differences {
  if (route === null || records.length === 0) return none;
  const {columns, ignores} = table;
  const given = givenBy(route);
  const sent = records.map(record => {
    const bytes = record.encode();
    return {record, bytes, members: findMembers(bytes, 0)};
  });
  const isHeld = (path: string) => {
    const [root = '', ...rest] = path.split('.');
    return sent.some(({bytes, members}) => {
      const top = members.get(root);
      if (top === undefined) return false;
      // What would be below a null or an empty list may well be there in another record.
      return bytes[top.start] !== openBrace || findValue(bytes, top.start, rest) !== undefined;
    });
  };
  const unheld = Object.entries(columns)
    .filter(([name]) => !given.has(name))
    .map(([name, column]) => ({name, paths: sentNames(name, column)}))
    .filter(({paths}) => paths.length > 0 && !paths.some(isHeld))
    .map(({name}) => name);
  const declared = declaredKeys(table);
  const keys = new Set(
    sent.flatMap(({members, record}) => [...members.keys()].filter(key => record.readBound(key) === null)),
  );
  const isNew = (key: string) => !declared.has(key) && !given.has(key) && !/^field_\d+$/.test(key);
  const isUsual = table.routes.length > 1 || unheld.length * fewest < Object.keys(columns).length;
  return {unheld, isUsual, undeclared: '*' in ignores ? [] : [...keys].filter(isNew)};
}

/** Columns that the route itself fills, whatever a record holds. */
function givenBy(route: Route): ReadonlySet<string> {
  if (!isDerived(route)) return new Set(Object.keys(route.parent?.bind ?? {}));
  const {bind = {}, outer = {}, key, position, named} = route.derive;
  const names = [...Object.keys(bind), ...Object.keys(outer), key, position, ...(named === undefined ? [] : ['value'])];
  return new Set(names.filter(name => name !== undefined));
}
