import {ResponseError} from '../../errors.js';
import type {ApiRoute} from '../../table.js';

export type Bound = Readonly<Record<string, string>>;

/** Query parameters; one with several values is repeated. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

/**
 * Path and query of one page. Placeholders are filled and encoded so that no value can leave its segment. Throws ResponseError for one that could.
 */
export function formatRequest(route: ApiRoute, bound: Bound, extra: Query): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeSegment(route.path, name, bound[name] ?? ''),
  );
  const query = new URLSearchParams();
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => bound[name] ?? '');
  const asIs = {...route.filter, ...extra};
  // What somebody searches for may hold braces.
  for (const [name, value] of Object.entries({...route.query, ...asIs}))
    for (const each of [value].flat()) query.append(name, Object.hasOwn(asIs, name) ? each : fill(each));
  return query.size === 0 ? path : `${path}?${query}`;
}

/**
 * Values that a server, once it has decoded them, may take for several segments or for the one above: only dots, slashes, and percent signs if it
 * decodes twice. No known id has any of these.
 */
const leavesSegment = /^\.*$|[/\\%\p{Cc}]/u;

/** Throws ResponseError for a value that cannot be told apart from a part of the path. */
function encodeSegment(path: string, name: string, value: string): string {
  if (leavesSegment.test(value))
    throw new ResponseError(`${path} cannot be asked for ${name} ${JSON.stringify(value)}: it would be another path.`, {
      hint: 'Docebo sent this as an id. Leave the table out, or mend the id there.',
    });
  return encodeURIComponent(value);
}
