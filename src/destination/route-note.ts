import {readFile, rename, rm, writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {nameUnfinished} from '../engine/unfinished.js';
import {IncompleteError, RouteChangeError} from '../errors.js';
import {encodeFilters} from '../filter-table.js';
import {describeRouteChange, fullRouteName, isDerived} from '../routes.js';
import type {Route} from '../table.js';
import type {Load, PublishOptions} from './destination.js';

/**
 * The route that served a table, and the filter if the table holds only some rows, as noted with the table: the state folder, where a run remembers the
 * route, may be new each night, as in a container. Null if there is no note, as in tables of earlier versions. `/manage/v1/user filtered by search_text=ann`.
 */
export type NotedRoute = string | null;

const filteredBy = ' filtered by ';

/** What is noted of a load. What the load does not tell stays as it was noted before. */
export function chooseNote({table, spooled}: Load, noted: NotedRoute): NotedRoute {
  const {filtered, routes} = table;
  const route = spooled.servedBy ?? readNoted(noted).route;
  if (filtered === undefined) return routes.length < 2 ? null : route;
  const served = routes.find(each => fullRouteName(each) === route) ?? routes[0];
  return served === undefined ? null : `${nameUnfiltered(served)}${filteredBy}${encodeFilters(filtered.by)}`;
}

/** Null for whole tables, of which most have no note. */
function readNoted(noted: NotedRoute): {readonly route: string | null; readonly filter: string | null} {
  const [route = null, filter = null] = noted?.split(filteredBy) ?? [];
  return {route, filter};
}

/** The values of a filter may hold spaces, so its name in the note is another one. */
function nameUnfiltered(route: Route): string {
  return fullRouteName(isDerived(route) ? route : {...route, filter: {}});
}

/** Throws if records by another route or filter are to replace rows, unless that is allowed. Returns warnings. */
export function refuseOtherSource(
  load: Load,
  noted: NotedRoute,
  earlierSize: number,
  options: Pick<PublishOptions, 'allowRouteChange'>,
): readonly string[] {
  if (earlierSize === 0) return [];
  const {route, filter} = readNoted(noted);
  return [...refuseOtherFilter(load, filter, options), ...refuseLaterRoute(load, route, options)];
}

/** Rows that a filter let in are no newer version of the whole table, nor of what another filter lets in. Throws IncompleteError. */
function refuseOtherFilter(
  {table: {name, filtered}}: Load,
  before: string | null,
  {allowRouteChange}: Pick<PublishOptions, 'allowRouteChange'>,
): readonly string[] {
  const now = filtered === undefined ? null : encodeFilters(filtered.by);
  if (now === before) return [];
  const [holds, held] = [now, before].map(filter => (filter === null ? 'every row' : `only what ${filter} lets in`));
  if (allowRouteChange) return [`Holds ${holds}; until now it held ${held}.`];
  throw new IncompleteError(`${name} was read with ${holds}, and the earlier table holds ${held}`, {
    hint: 'The earlier table was kept. Choose another name for the table, or replace this one with --allow-route-change.',
    allowedBy: {'allow-route-change': true},
  });
}

/**
 * A later route of a table gives fewer of its columns. Throws RouteChangeError if it served the records that are to replace rows of an
 * earlier route, however many. Returns a warning if another change of route is published.
 */
function refuseLaterRoute(
  {table, spooled: {servedBy}}: Load,
  noted: string | null,
  {allowRouteChange}: Pick<PublishOptions, 'allowRouteChange'>,
): readonly string[] {
  if (noted === null || servedBy === undefined) return [];
  const before = table.routes.findIndex(route => nameUnfiltered(route) === noted);
  const now = table.routes.findIndex(route => fullRouteName(route) === servedBy);
  if (Math.min(before, now) < 0 || before === now) return [];
  if (now < before || allowRouteChange) return [describeRouteChange(noted, servedBy)];
  throw new RouteChangeError(
    `${table.name} was read by ${servedBy}, and the earlier table by ${noted}, which was refused this time`,
    {
      noted,
      hint: `The earlier table was kept, because another route may give fewer columns. A new run asks ${noted} first; if that is gone for good, allow the other with --allow-route-change.`,
      allowedBy: {'allow-route-change': true},
    },
  );
}

const ending = / Read by (\/\S+(?: filtered by \S+)?)\.$/;

/** Adds the note to the end of a comment. */
export function addNote(comment: string, route: NotedRoute): string {
  return route === null ? comment : `${comment} Read by ${route}.`;
}

/** Splits a comment into the text without the note, and the note. */
export function splitNote(comment: string | null): {readonly text: string | null; readonly route: NotedRoute} {
  const route = ending.exec(comment ?? '')?.[1] ?? null;
  return {text: comment?.replace(ending, '') ?? null, route};
}

/** A hidden file beside that of the table, which need not have a place for it. */
function noteFile(file: string): string {
  return join(dirname(file), `.${basename(file)}.route`);
}

export async function readNote(file: string): Promise<NotedRoute> {
  const text = await readFile(noteFile(file), 'utf8').catch(() => '');
  return text.trim() || null;
}

/** If the note cannot be written, the table stays published; a later change of route then goes unnoticed. */
export async function writeNote(file: string, route: NotedRoute): Promise<void> {
  const unfinished = join(dirname(file), await nameUnfinished());
  try {
    if (route === null) return await rm(noteFile(file), {force: true});
    await writeFile(unfinished, `${route}\n`, {mode: 0o600});
    await rename(unfinished, noteFile(file));
  } catch {
    await rm(unfinished, {force: true}).catch(() => undefined);
  }
}
