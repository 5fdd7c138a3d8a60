import type {RunSummary} from '../spool/runs.js';
import {formatBytes, formatCount} from './format.js';
import {formatTable} from './format-table.js';

/** The runs as a person reads them, the latest first. */
export function formatRuns(runs: readonly RunSummary[]): string {
  if (runs.length === 0) return 'No run has left anything.\n';
  return formatTable(
    [
      {title: 'run'},
      {title: 'state'},
      {title: 'tables read', align: 'right'},
      {title: 'records', align: 'right'},
      {title: 'size', align: 'right'},
      {title: 'tenant'},
      {title: 'destination'},
    ],
    runs.map(({record, state, complete, records, bytes}) => [
      record.loadId,
      state,
      `${complete.length} of ${record.loads.length}`,
      formatCount(records),
      formatBytes(bytes),
      record.tenant,
      record.destination,
    ]),
  );
}
