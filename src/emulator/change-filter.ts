import {parseDate} from './dates.js';

/** The lists that are known to take change filters, or may (tables/API.md#change-filters). */
export type ChangeList = 'users' | 'courses' | 'enrollments';

/** What a tenant makes of `updated_from` and `updated_to`. Most of it is not known of Docebo (tables/API.md#change-filters). */
export interface ChangeFilter {
  /**
   * 'heeded'; 'ignored': all rows come; 'refused': 400; 'days': only the day of a bound counts, so that whole days come; 'exclusive': rows at
   * the very bound are left out; 'created': it goes by when the row was made, not by its last change.
   */
  readonly kind: 'heeded' | 'ignored' | 'refused' | 'days' | 'exclusive' | 'created';
  /** Hours by which the clock that reads the bounds is ahead of the dates as sent: a bound of 10:00 means 10:00 minus this. */
  readonly zoneHours: number;
  /** false: the rows come in the opposite order. */
  readonly isSorted: boolean;
  /** false: no reply tells how many rows there are, only `has_more_data`. */
  readonly isCounted: boolean;
  /** 'from': `updated_to` is ignored. */
  readonly bounds: 'both' | 'from';
  /** The lists that take the filter. Others ignore it. */
  readonly lists: readonly ChangeList[];
}

export const usualChangeFilter: ChangeFilter = {
  kind: 'heeded',
  zoneHours: 0,
  isSorted: true,
  isCounted: true,
  bounds: 'both',
  lists: ['users', 'courses', 'enrollments'],
};

/** What the rows have to lie within, both ends included, in seconds since the epoch. */
export interface Bounds {
  readonly by: 'changed' | 'created';
  readonly from: number;
  readonly to: number;
}

const daySeconds = 86_400;

/** undefined: every row comes. */
export function readBounds(
  query: URLSearchParams,
  list: ChangeList,
  filter: ChangeFilter,
): Bounds | 'refused' | undefined {
  const {kind, zoneHours, bounds, lists} = filter;
  if (kind === 'ignored' || !lists.includes(list)) return undefined;
  const fromText = query.get('updated_from') ?? '';
  const toText = bounds === 'both' ? (query.get('updated_to') ?? '') : '';
  if (fromText === '' && toText === '') return undefined;
  const from = fromText === '' ? Number.NEGATIVE_INFINITY : parseDate(fromText);
  const to = toText === '' ? Number.POSITIVE_INFINITY : parseDate(toText);
  if (kind === 'refused' || Number.isNaN(from) || Number.isNaN(to)) return 'refused';
  const day = (seconds: number) => Math.floor(seconds / daySeconds) * daySeconds;
  const margin = kind === 'exclusive' ? 1 : 0;
  const zone = zoneHours * 3600;
  return {
    by: kind === 'created' ? 'created' : 'changed',
    from: (kind === 'days' ? day(from) : from) + margin - zone,
    to: (kind === 'days' ? day(to) + daySeconds - 1 : to) - margin - zone,
  };
}
