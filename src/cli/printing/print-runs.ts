import {formatDestinationUri} from '../../destination-uri.js';
import {findForeignVersion} from '../../spool/run-folder.js';
import type {RunSummary} from '../../spool/runs.js';
import {formatBytes, formatCount, formatCounted} from './counts.js';
import {formatTable, indent, widthOf, wrap} from './format.js';
import {groupNames} from './names.js';

/** A run as its user knows it. */
interface TellableRun {
  readonly loadId: string;
  readonly startedAt: string;
  readonly state: RunSummary['state'];
  readonly tenant: string;
  /** Null if another version wrote it in a form that this one does not know. */
  readonly destination: string | null;
  /** Those asked for, each with the records that have landed and whether it was read to its end. */
  readonly tables: readonly {readonly table: string; readonly records: number; readonly complete: boolean}[];
  readonly bytes: number;
}

export function describeRun({record, state, tables, bytes}: RunSummary): TellableRun {
  const {loadId, startedAt, tenant, loads, destination} = record;
  return {
    loadId,
    startedAt,
    state,
    tenant,
    destination: findForeignVersion(record) === undefined ? formatDestinationUri(destination) : null,
    // Parents that were not asked for are read as well.
    tables: loads.map(({table}) => ({table, ...(tables.get(table) ?? {records: 0, complete: false})})),
    bytes,
  };
}

/** The runs as a person reads them, latest first: a line each, and below it the tenant and the destination. */
export function formatRuns(runs: readonly TellableRun[]): string {
  if (runs.length === 0) return 'No run has left anything.\n';
  const lines = formatTable(
    [
      {title: 'run'},
      {title: 'state'},
      {title: 'tables read', align: 'right'},
      {title: 'records', align: 'right'},
      {title: 'size', align: 'right'},
    ],
    runs.map(({loadId, state, tables, bytes}) => [
      loadId,
      state,
      `${tables.filter(({complete}) => complete).length} of ${tables.length}`,
      formatCount(tables.reduce((sum, {records}) => sum + records, 0)),
      formatBytes(bytes),
    ]),
  ).split('\n');
  const [heading = '', ...rows] = lines;
  const told = runs.map(({tenant, destination}, index) => {
    const places = destination === null ? [tenant] : [tenant, `into ${destination}`];
    return [rows[index] ?? '', ...places.map(place => indent(wrap(place, widthOf() - 2)))].join('\n');
  });
  return `${[heading, ...told].join('\n')}\n`;
}

interface TellablePruned {
  readonly runs: readonly Pick<TellableRun, 'loadId' | 'tenant'>[];
  readonly bases: readonly {readonly table: string; readonly tenant: string}[];
  readonly bytes: number;
}

/** What was removed, by name: it does not come back. */
export function formatPruned({runs, bases, bytes}: TellablePruned): string {
  if (runs.length + bases.length === 0) return 'There was nothing to remove.\n';
  const byTenant = groupNames(bases.map(({tenant, table}) => [tenant, table] as const));
  const lines = [
    ...(runs.length === 0
      ? []
      : [`Removed ${formatCounted(runs.length, 'run')}: ${runs.map(({loadId}) => loadId).join(', ')}.`]),
    ...[...byTenant].map(
      ([tenant, tables]) =>
        `Removed what merges with ${tenant} would have built on: ${tables.join(', ')}. The next run reads these tables whole.`,
    ),
    `The state folder is ${formatBytes(bytes)} smaller.`,
  ];
  return lines.map(line => `${wrap(line)}\n`).join('');
}
