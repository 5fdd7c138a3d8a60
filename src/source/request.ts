import type {ApiRoute} from '../table.js';

export type Bound = Readonly<Record<string, string>>;

/** Path and query of one page, placeholders filled and encoded, so that no value can leave its segment. */
export function formatRequest(route: ApiRoute, bound: Bound, extra: Readonly<Record<string, string>>): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeSegment(bound[name] ?? ''));
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

/** encodeURIComponent leaves dots alone, and `..` would climb. */
function encodeSegment(value: string): string {
  return /^\.+$/.test(value) ? value.replaceAll('.', '%2E') : encodeURIComponent(value);
}
