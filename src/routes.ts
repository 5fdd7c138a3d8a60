import type {DerivedRoute, Descend, Route, Table} from './table.js';

export function isDerived(route: Route): route is DerivedRoute {
  return 'derive' in route;
}

/** Whether a table, and what it is derived from, is read without a call for each row of another table; by its first route, if that is served. */
export function isBulk({routes: [route]}: Table): boolean {
  if (route === undefined || !isDerived(route)) return route?.parent === undefined;
  const {table, named} = route.derive;
  return isBulk(table) && (named === undefined || isBulk(named));
}

/** The name of a route in reports and manifests. */
export function nameRoute(route: Route): string {
  return isDerived(route) ? `derived from ${route.derive.table.name}` : route.path;
}

/** The path of a route with its query: two routes of a table may differ only in that. */
export function fullRouteName(route: Route): string {
  if (isDerived(route)) return nameRoute(route);
  const query = Object.entries({...route.query, ...route.filter}).flatMap(([name, value]) =>
    [value].flat().map(each => `${name}=${each}`),
  );
  return query.length === 0 ? route.path : `${route.path}?${query.join('&')}`;
}

/** The shortest name that tells the route from the table's other routes. */
export function describeRoute({routes}: Table, route: Route): string {
  const name = nameRoute(route);
  return routes.filter(other => nameRoute(other) === name).length > 1 ? fullRouteName(route) : name;
}

/** The warning about another route, which both a run's memory and the destination may give. */
export function describeRouteChange(before: string, now: string | null): string {
  return `Read by ${now}; until now it was read by ${before}.`;
}

/** The tables whose rows are needed to read this one: by the route of that name, or by any route. */
export function parentsOf({routes}: Table, routeName?: string): readonly Table[] {
  const parents = routes
    .filter(route => routeName === undefined || nameRoute(route) === routeName)
    .flatMap(route => (isDerived(route) ? [route.derive.table, route.derive.named] : [route.parent?.table]));
  return [...new Set(parents.filter(parent => parent !== undefined))];
}

/** Rows of another table that belong to a row: those in which each of `theirs` equals its `own`. */
export interface Join {
  readonly table: Table;
  readonly on: readonly {readonly own: string; readonly theirs: string}[];
}

/** What the rows of a table can be joined to: what its routes are bound to, and what its columns refer to. */
export function joinsOf(table: Table): readonly Join[] {
  const {columns, routes} = table;
  const joins = [
    ...routes.flatMap(route => joinsOfRoute(table, route)),
    ...Object.entries(columns).flatMap(([own, {references}]) =>
      references === undefined ? [] : [{table: references, on: [{own, theirs: references.primaryKey[0]}]}],
    ),
  ];
  return [...new Map(joins.map(join => [JSON.stringify([join.table.name, join.on]), join])).values()];
}

function joinsOfRoute(table: Table, route: Route): readonly Join[] {
  if (isDerived(route)) {
    const {each, bind, table: parent} = route.derive;
    const own = each === undefined ? parent.primaryKey.map(key => [key, key] as const) : Object.entries(bind ?? {});
    return own.length === 0 ? [] : [{table: parent, on: own.map(([own, theirs]) => ({own, theirs}))}];
  }
  const {parent, descend} = route;
  const bound = Object.entries(parent?.bind ?? {}).filter(([own]) => own in table.columns);
  return [
    ...(parent === undefined ? [] : [{table: parent.table, on: bound.map(([own, theirs]) => ({own, theirs}))}]),
    ...(descend?.parentId === undefined ? [] : [{table, on: [{own: descend.parentId, theirs: descend.id}]}]),
  ];
}

/** The tree that a table's rows form, if its declaration names one. */
export function treeOf({routes}: Pick<Table, 'routes'>): Descend | undefined {
  return routes.flatMap(route => (isDerived(route) ? [] : (route.descend ?? []))).at(0);
}
