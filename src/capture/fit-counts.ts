import {sentNames} from '../declared-keys.js';
import {isDerived} from '../routes.js';
import {type ApiRoute, defaultRecordPaths, type Table} from '../table.js';
import {isList, isMap, JsonNumber, type JsonTree} from './json-tree.js';

const rowCounts = ['total_count', 'items_count', 'count'];
const pageCounts = ['total_page_count', 'total_pages'];
const counting = [...rowCounts, ...pageCounts, 'has_more_data'];
/** What was asked for, or what Docebo has made of that. A list whose pages were smaller than its rows would seem to go on. */
const askedFor = ['current_page', 'current_page_size'];
const named = [...counting, ...askedFor];
const largestAskedFor = 1000;

type Change = (key: string, value: JsonTree, sent: JsonTree) => JsonTree;

/** How many rows and pages a reply counts, roughly: that there are ten thousand users is of interest, and how many exactly is the tenant's. */
export function describeCounts(body: JsonTree, route: ApiRoute): Readonly<Record<string, string>> {
  const counts: Record<string, string> = {};
  changeAround(body, body, route, (key, value) => {
    const said = describeCount(value);
    if (said !== null && counting.includes(key)) counts[key] = said;
    return value;
  });
  return counts;
}

/** The reply, counting the rows that it holds as if they were all. The page and its size are as they were sent, if they look like it. */
export function fitCounts(made: JsonTree, sent: JsonTree, route: ApiRoute, rows: number): JsonTree {
  return changeAround(made, sent, route, (key, value, before) => {
    if (askedFor.includes(key)) return isSmall(before) ? before : value;
    if (key === 'has_more_data') return sayNo(value);
    return writeLike(value, rowCounts.includes(key) ? rows : Math.min(1, rows));
  });
}

/** The records, each counting its elements as if those that stayed were all: a derived table compares them. */
export function fitElements(body: JsonTree, tables: readonly Table[]): JsonTree {
  const counted = tables.flatMap(({routes}) =>
    routes.flatMap(route => {
      if (!isDerived(route) || route.derive.counted === undefined || route.derive.each === undefined) return [];
      const {table, counted, each} = route.derive;
      return [{names: sentNames(counted, table.columns[counted] ?? {}), each}];
    }),
  );
  const recount = (value: JsonTree): JsonTree => {
    if (isList(value)) return value.map(recount);
    if (!isMap(value)) return value;
    const made = new Map([...value].map(([key, each]) => [key, recount(each)] as const));
    for (const {names, each} of counted) {
      const elements = value.get(each);
      if (!isList(elements)) continue;
      for (const name of names) {
        const count = value.get(name);
        if (count !== undefined) made.set(name, writeLike(count, elements.length));
      }
    }
    return made;
  };
  return recount(body);
}

/** Visits what counts rows and pages: at the root, in `data`, and beside the list of records. */
function changeAround(
  made: JsonTree,
  sent: JsonTree,
  {record, recordsAt = defaultRecordPaths}: ApiRoute,
  change: Change,
): JsonTree {
  // What stands beside or in a single record is its own.
  if (record !== undefined) return made;
  const around = new Set(['', 'data', ...recordsAt.map(path => path.split('.').slice(0, -1).join('.'))]);
  const visit = (value: JsonTree, before: JsonTree, path: string): JsonTree => {
    if (!isMap(value) || !isMap(before)) return value;
    return new Map(
      [...value].map(([key, each]) => {
        const old = before.get(key) ?? null;
        if (around.has(path) && named.includes(key)) return [key, change(key, each, old)] as const;
        const inner = path === '' ? key : `${path}.${key}`;
        return [
          key,
          [...around].some(place => place === inner || place.startsWith(`${inner}.`)) ? visit(each, old, inner) : each,
        ];
      }),
    );
  };
  return visit(made, sent, '');
}

function isSmall(value: JsonTree): boolean {
  const text = value instanceof JsonNumber ? value.text : value;
  return typeof text === 'string' && /^\d{1,4}$/.test(text) && Number(text) <= largestAskedFor;
}

function describeCount(value: JsonTree): string | null {
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) return typeof text === 'boolean' ? String(text) : null;
  const {length} = String(Number(text));
  return length === 1 ? 'below 10' : `${10 ** (length - 1)} to ${10 ** length - 1}`;
}

/** In the form in which it was sent. */
function writeLike(value: JsonTree, count: number): JsonTree {
  if (value instanceof JsonNumber) return new JsonNumber(String(count));
  return typeof value === 'string' && value !== '' ? String(count) : value;
}

function sayNo(value: JsonTree): JsonTree {
  if (typeof value === 'boolean') return false;
  if (value instanceof JsonNumber) return new JsonNumber('0');
  if (typeof value !== 'string' || value === '') return value;
  return /^\d+$/.test(value) ? '0' : /^(y|n)/i.test(value) ? 'no' : 'false';
}
