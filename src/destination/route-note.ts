import {readFile, rename, rm, writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {nameUnfinished} from '../engine/unfinished.js';
import {RouteChangeError} from '../errors.js';
import {describeRouteChange, fullRouteName} from '../routes.js';
import type {Load, PublishOptions} from './destination.js';

/**
 * The route that served a table, as noted with the table: the state folder, where a run remembers it, may be new each night, as in a
 * container. Null if there is no note, as in tables of earlier versions.
 */
export type NotedRoute = string | null;

/** What is noted of a load. What the load does not tell stays as it was noted before. */
export function chooseNote({table, spooled}: Load, noted: NotedRoute): NotedRoute {
  return table.routes.length < 2 ? null : (spooled.servedBy ?? noted);
}

/**
 * A later route of a table gives fewer of its columns. Throws RouteChangeError if it served the records that are to replace rows of an
 * earlier route, however many. Returns a warning if another change of route is published.
 */
export function refuseLaterRoute(
  {table, spooled: {servedBy}}: Load,
  noted: NotedRoute,
  earlierSize: number,
  {allowRouteChange}: Pick<PublishOptions, 'allowRouteChange'>,
): readonly string[] {
  if (noted === null || servedBy === undefined || earlierSize === 0) return [];
  const [before, now] = [noted, servedBy].map(name => table.routes.findIndex(route => fullRouteName(route) === name));
  if (before === undefined || now === undefined || Math.min(before, now) < 0 || before === now) return [];
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

const ending = / Read by (\/\S+)\.$/;

/** Adds the route to the end of a comment. */
export function addNote(comment: string, route: NotedRoute): string {
  return route === null ? comment : `${comment} Read by ${route}.`;
}

/** Splits a comment into the text without the route, and the route. */
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
