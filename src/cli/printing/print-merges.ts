import {formatAge} from '../../format-duration.js';
import type {TableReport} from '../../report.js';
import {formatCount} from './counts.js';
import {formatTable} from './format.js';
import {groupNames, listFew, sayWhy} from './names.js';

/** What merges did with the tables that are published by them; none if no table is. `nowMs`: when they ended. */
export function formatMerges(tables: readonly TableReport[], nowMs: number): readonly string[] {
  const merged = tables.filter(({strategy, status}) => strategy === 'merge' && status === 'published');
  if (merged.length === 0) return [];
  const count = (rows: number | undefined) => formatCount(rows ?? 0);
  return [
    formatTable(
      [
        {title: 'merged'},
        {title: 'changed', align: 'right'},
        {title: 'removed', align: 'right'},
        {title: 'carried over', align: 'right'},
        {title: 'oldest', align: 'right'},
      ],
      merged.map(({table, changed, removed, carriedOver, oldest = null}) => [
        table,
        count(changed),
        count(removed),
        count(carriedOver),
        oldest === null ? '' : formatAge(nowMs - Date.parse(oldest)),
      ]),
    ),
  ];
}

/** Why tables were, or will be, read whole although a merge was asked for: most of them for one reason. */
export function describeWhole(tables: readonly Pick<TableReport, 'table' | 'reason'>[]): readonly string[] {
  const reasons = groupNames(tables.flatMap(({table, reason}) => (reason === undefined ? [] : [[reason, table]])));
  return [...reasons].map(([reason, names]) => sayWhy('Read whole', reason, listFew(names)));
}
