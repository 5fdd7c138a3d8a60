import {type ChangeList, readBounds} from '../change-filter.js';
import type {Condition, Sieve} from '../columns.js';
import {Refusal} from '../http/reply.js';
import {type List, pickList} from '../list.js';
import type {Call} from './route.js';

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
