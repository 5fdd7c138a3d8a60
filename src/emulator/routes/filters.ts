import {type ChangeList, readBounds} from '../change-filter.js';
import type {Condition, Sieve} from '../columns.js';
import {Refusal} from '../http/reply.js';
import {filterList, type List, pickList} from '../list.js';
import {type Call, readArray} from './route.js';

type Dates = 'changed' | 'created';

/** A list that takes change filters, and what it is filtered by. */
interface Filtered<Name extends string> {
  readonly list: List;
  readonly sieve: Sieve<Name | Dates>;
  /** What else is asked of a row. */
  readonly conditions?: readonly Condition<Name>[];
}

/** `updated_from` and `updated_to`, as the tenant takes them (tables/API.md#change-filters). */
export function filterChanges<Name extends string = never>(
  {query, settings: {changeFilter}}: Call,
  name: ChangeList,
  {list, sieve, conditions = []}: Filtered<Name>,
): List {
  const bounds = readBounds(query, name, changeFilter);
  if (bounds === 'refused') throw new Refusal(400, 'The filter is not valid.');
  if (bounds === undefined) return conditions.length === 0 ? list : pickList(list, sieve(conditions));
  const {by: column, from, to} = bounds;
  const positions = sieve([{column, from, to}, ...conditions]);
  const {isSorted, isCounted} = changeFilter;
  return pickList(list, isSorted ? positions : positions.toReversed(), isCounted);
}

/**
 * `search_text`: the records of which one of these members holds the text, in any case. With `match_type=full` the member has to be the text; whether
 * Docebo heeds that, and case, is not known (tables/API.md#users).
 */
export function searchText(list: List, {query, settings}: Call, members: readonly string[]): List {
  const text = query.get('search_text');
  if (text === null || text === '') return list;
  const isFull = query.get('match_type') === 'full' && settings.fullMatch !== 'ignored';
  const fold = (value: string) => (isFull && settings.fullMatch === 'same-case' ? value : value.toLowerCase());
  const wanted = fold(text);
  const fits = (value: unknown) => {
    const held = fold(String(value ?? ''));
    return isFull ? held === wanted : held.includes(wanted);
  };
  return filterList(list, record => members.some(name => fits(record[name])));
}

/** The records whose member is among the values of an array in the query; all if there is none. */
export function among(list: List, {query}: Pick<Call, 'query'>, param: string, member: string): List {
  const values = new Set(readArray(query, param));
  return values.size === 0 ? list : filterList(list, record => values.has(String(record[member])));
}
