import {formatAge} from '../../format-duration.js';
import type {BaseSummary} from '../../spool/bases.js';
import {formatBytes, formatCount} from './counts.js';
import {formatTable, wrap} from './format.js';
import {groupNames} from './names.js';

/** The base of a table as its user knows it. */
interface TellableBase {
  readonly table: string;
  readonly tenant: string;
  /** The run that has landed it. */
  readonly loadId: string;
  readonly rows: number;
  readonly bytes: number;
  /** Since when the next merge asks for changes, but for `--lookback`. */
  readonly askedAt: string;
  /** When the oldest of its rows was read. */
  readonly oldest: string;
  /** Why it cannot be used; null if it can. */
  readonly damage: string | null;
  /** Why changes of the table are not asked for; null if they are. */
  readonly distrust: string | null;
}

export function describeBase(base: BaseSummary): TellableBase {
  const {table, tenant, loadId, rows, bytes, askedAt, oldest, damage, distrust} = base;
  return {table, tenant, loadId, rows, bytes, askedAt, oldest, damage, distrust};
}

/** The bases as a person reads them, those of each tenant together. */
export function formatBases(bases: readonly TellableBase[], nowMs = Date.now()): string {
  if (bases.length === 0) return 'There is nothing to merge with.\n';
  const tenants = [...groupNames(bases.map(({tenant}) => [tenant, tenant] as const)).keys()];
  const age = (at: string) => formatAge(nowMs - Date.parse(at));
  return tenants
    .map(tenant => {
      const own = bases.filter(base => base.tenant === tenant);
      const table = formatTable(
        [
          {title: 'base'},
          {title: 'rows', align: 'right'},
          {title: 'size', align: 'right'},
          {title: 'age', align: 'right'},
          {title: 'oldest row', align: 'right'},
        ],
        own.map(({table: name, rows, bytes, askedAt, oldest}) => [
          name,
          formatCount(rows),
          formatBytes(bytes),
          age(askedAt),
          age(oldest),
        ]),
      );
      return `${wrap(`For merges with ${tenant}:`)}\n${table}${own.flatMap(describeFaults).join('')}`;
    })
    .join('\n');
}

/** Why the next run reads the table whole. */
function describeFaults({table, damage, distrust}: TellableBase): readonly string[] {
  const faults = [
    ...(damage === null ? [] : [`It cannot be used: ${damage}.`]),
    ...(distrust === null ? [] : [`${distrust} --full-refresh lets later runs use the filter again.`]),
  ];
  return faults.map(fault => `${wrap(`${table}: ${fault}`, undefined, '  ')}\n`);
}
