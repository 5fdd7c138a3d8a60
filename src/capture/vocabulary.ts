import {sentNames} from '../declared-keys.js';
import {isDerived} from '../routes.js';
import {defaultRecordPaths, type Kind, type Route, type Table} from '../table.js';

/** Words that are Docebo's own, and so say nothing of a tenant. All of them stand in the declarations or in the code that reads replies. */
export interface Vocabulary {
  /** Names of members, wherever they stand. */
  readonly keys: ReadonlySet<string>;
  /** Name of a member → what it may hold according to the declarations, such as poll in object_type. */
  readonly words: ReadonlyMap<string, ReadonlySet<string>>;
  /** Name of a member → the kinds of the columns that read it. */
  readonly kinds: ReadonlyMap<string, ReadonlySet<Kind>>;
}

/**
 * What stands around records (tables/API.md#envelope, tables/API.md#other-shapes, tables/API.md#errors), and what `explode` functions read. The last line
 * is what other APIs call it: Docebo may come to.
 */
const envelopeKeys =
  `data items count has_more_data cursor current_page current_page_size total_page_count total_pages total_count items_count
  sort sort_attr sort_dir actions version _links first last self goto next prev href extra_data name message code status success error errors title
  questions answers date user_id id_user nextToken
  result results rows records response meta pagination paging`.split(/\s+/);

const envelopeFlags = ['has_more_data', 'success'];
const sortKeys = ['sort_attr', 'sort_by'];
const directionKeys = ['sort_dir', 'sort_by_direction'];

/** Collects them from all tables. */
export function collectVocabulary(tables: readonly Table[]): Vocabulary {
  const keys = new Set(envelopeKeys);
  const words = new Map<string, Set<string>>();
  const kinds = new Map<string, Set<Kind>>(envelopeFlags.map(key => [key, new Set<Kind>(['boolean'])]));
  const learn = (key: string, found: readonly string[]) => {
    if (found.length > 0) words.set(key, new Set([...(words.get(key) ?? []), ...found]));
  };
  for (const table of tables) {
    for (const path of keysOf(table)) for (const key of path.split('.')) keys.add(key.replace(/\[\]$/, ''));
    for (const [name, {kind, description}] of Object.entries(table.columns))
      for (const key of lastKeys(table, name)) {
        kinds.set(key, new Set([...(kinds.get(key) ?? []), kind]));
        if (kind === 'text') learn(key, listedIn(description));
      }
    for (const route of table.routes) for (const [key, found] of filtersOf(route)) learn(key, found);
  }
  keys.delete('*');
  keys.delete('');
  for (const key of sortKeys) learn(key, [...keys]);
  for (const key of directionKeys) learn(key, ['asc', 'desc', 'ASC', 'DESC']);
  return {keys, words, kinds};
}

/** Dotted paths of members that a declaration names. */
function keysOf({columns, ignores, routes}: Table): readonly string[] {
  const sent = Object.entries(columns).flatMap(([name, column]) => [name, ...sentNames(name, column)]);
  return [...sent, ...Object.keys(ignores), ...routes.flatMap(keysOfRoute)];
}

function keysOfRoute(route: Route): readonly string[] {
  if (isDerived(route)) {
    const {each = '', named, outer = {}} = route.derive;
    return [...(named === undefined ? [each] : []), ...Object.values(outer).flat()];
  }
  const {recordsAt = defaultRecordPaths, record = '', holds = {}, only = {}, descend} = route;
  return [...recordsAt, record, ...Object.keys(holds), ...Object.keys(only), descend?.root ?? ''];
}

/** The values by which a route chooses rows, by the members that hold them. */
function filtersOf(route: Route): readonly (readonly [key: string, values: readonly string[]])[] {
  const {table, where = {}} = isDerived(route) ? route.derive : (route.parent ?? {});
  const chosen =
    table === undefined
      ? []
      : Object.entries(where).flatMap(([name, values]) => lastKeys(table, name).map(key => [key, values] as const));
  return [...chosen, ...(isDerived(route) ? [] : Object.entries(route.only ?? {}))];
}

function lastKeys({columns}: Table, name: string): readonly string[] {
  return sentNames(name, columns[name] ?? {}).map(path => path.split('.').at(-1) ?? path);
}

/** The words of a description that lists them: `elearning, classroom or webinar.`, or the same after `such as` or a colon. */
function listedIn(description: string): readonly string[] {
  const [, list = ''] = /(?:^|: |such as )((?:[a-z_-]+, )*[a-z_-]+ or [a-z_-]+)/.exec(description) ?? [];
  return list.split(/, | or /).filter(word => word !== '');
}
