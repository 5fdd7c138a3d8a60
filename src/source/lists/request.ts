import {ResponseError} from '../../errors.js';
import type {ApiRoute} from '../../table.js';

export type Bound = Readonly<Record<string, string>>;

/** Path and query of one page, placeholders filled and encoded, so that no value can leave its segment. Throws ResponseError for one that could. */
export function formatRequest(route: ApiRoute, bound: Bound, extra: Readonly<Record<string, string>>): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeSegment(route.path, name, bound[name] ?? ''),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({...route.query, ...extra})) {
    for (const each of typeof value === 'string' ? [value] : value) {
      query.append(
        name,
        each.replace(/\{(\w+)\}/g, (_, placeholder: string) => bound[placeholder] ?? ''),
      );
    }
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

/**
 * What a server may take for more than one segment, or for the one above, once it has decoded it: dots alone, slashes, and percent signs for
 * those who decode twice. No id is known that has one.
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
