import {formatDestinationUri} from '../../destination-uri.js';
import {findForeignVersion} from '../../spool/run-folder.js';
import type {RunRecord} from '../../spool/run-record.js';
import type {RunSummary} from '../../spool/runs.js';
import {formatBytes, formatCount, formatTable} from './format.js';

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
      // Parents that were not asked for are read as well.
      `${record.loads.filter(({table}) => complete.includes(table)).length} of ${record.loads.length}`,
      formatCount(records),
      formatBytes(bytes),
      record.tenant,
      describeDestination(record),
    ]),
  );
}

/** What another version wrote there nobody knows. */
function describeDestination(record: RunRecord): string {
  return findForeignVersion(record) === undefined ? formatDestinationUri(record.destination) : '';
}
