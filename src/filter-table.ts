import {UsageError} from './errors.js';
import {isDerived} from './routes.js';
import type {ApiRoute, Filter, Route, Table} from './table.js';

/** What filters are set to, by their names. */
export type FilterValues = Readonly<Record<string, readonly string[]>>;

/** The routes by which a table is one list, in the order of a load; those that stand behind another kind of route are left out. */
export function listRoutes({routes}: Table): readonly ApiRoute[] {
  const end = routes.findIndex(route => !isList(route));
  return routes.slice(0, end < 0 ? routes.length : end).filter(isList);
}

function isList(route: Route): route is ApiRoute {
  return !isDerived(route) && route.parent === undefined && route.descend === undefined;
}

/**
 * The rows of a table that Docebo's filters let in, as a table of its own. Throws UsageError for a filter that Docebo does not know for the table, or that
 * says nothing. If the name of a filter is that of an integer column, a reply with another value is refused: the server has ignored the filter.
 */
export function filterTable(table: Table, by: FilterValues, name: string): Table {
  const filters = Object.entries(by).map(([filter, values]) => settle(table, filter, values));
  for (const {column, known} of filters)
    if (known.needs !== undefined && !Object.hasOwn(by, known.needs))
      throw new UsageError(`The filter ${column} of ${table.name} says nothing without ${known.needs}.`);
  const routes = listRoutes(table).filter((route, index) =>
    filters.every(({known: {paths}}) => (paths === undefined ? index === 0 : paths.includes(route.path))),
  );
  if (routes.length === 0) throw new UsageError(`No list of ${table.name} takes these filters together.`);
  const settled = Object.fromEntries(filters.map(({column, texts}) => [column, texts]));
  const filter = Object.fromEntries(filters.map(({known: {param}, texts}) => [param, texts]));
  const only = Object.fromEntries(filters.flatMap(({isNumber, column, texts}) => (isNumber ? [[column, texts]] : [])));
  return {
    ...table,
    name,
    aliases: [],
    description: `${table.description} Only the rows that Docebo's filter ${describeFilters(settled)} lets in.`,
    routes: routes.map(({changes: _, ...route}) => ({
      ...route,
      filter: {...route.filter, ...filter},
      ...(Object.keys(only).length > 0 && {only: {...route.only, ...only}}),
    })),
    filtered: {of: table.name, by: settled},
  };
}

/** `search_text=ann, branch_id=3`. */
export function describeFilters(by: FilterValues): string {
  return Object.entries(by)
    .flatMap(([name, values]) => values.map(value => `${name}=${value}`))
    .join(', ');
}

/** The same filters in one line that tells them from all others, without spaces: `search_text=ann+b&status=1`. */
export function encodeFilters(by: FilterValues): string {
  return Object.entries(by)
    .flatMap(([name, values]) => values.map(value => String(new URLSearchParams([[name, value]]))))
    .sort()
    .join('&');
}

/** A description as it is without a filter. */
export function describeUnfiltered(description: string): string {
  return description.replace(/ Only the rows that Docebo's filter .* lets in\./s, '');
}

interface Settled {
  readonly known: Filter;
  readonly column: string;
  readonly texts: readonly string[];
  readonly isNumber: boolean;
}

function settle(table: Table, name: string, values: readonly string[]): Settled {
  const known = Object.hasOwn(table.filters ?? {}, name) ? table.filters?.[name] : undefined;
  if (known === undefined) throw refuseFilter(table, name);
  if (values.length === 0 || values.some(text => text.trim() === ''))
    throw new UsageError(`The filter ${name} of ${table.name} is empty.`, {hint: 'Leave it out to read every row.'});
  if (values.length > 1 && !known.param.endsWith('[]'))
    throw new UsageError(`The filter ${name} of ${table.name} takes one value, not ${values.length}.`);
  const isNumber = table.columns[name]?.kind === 'integer';
  const texts = values.map(text => (isNumber ? toWhole(table, name, text) : text.trim()));
  const unknown = known.values && texts.find(text => !known.values?.includes(text));
  if (unknown !== undefined)
    throw new UsageError(`The filter ${name} of ${table.name} is never ${JSON.stringify(unknown)}.`, {
      hint: `It is ${known.values?.join(' or ')}.`,
    });
  return {known, column: name, isNumber, texts};
}

function toWhole({name: table}: Table, name: string, text: string): string {
  if (/^\s*\d{1,18}\s*$/.test(text)) return String(BigInt(text.trim()));
  throw new UsageError(`The filter ${name} of ${table} takes whole numbers, not ${JSON.stringify(text)}.`);
}

function refuseFilter(table: Table, name: string): UsageError {
  const known = Object.keys(table.filters ?? {});
  const hint = known.length === 0 ? 'No filter is known for it.' : `Known are ${known.join(', ')}.`;
  return new UsageError(`${table.name} has no filter ${name}.`, {hint});
}
