import {reports as reportsTable} from '../../../tables/index.js';
import {listReports} from '../../source/tables/list-reports.js';
import {readAccess} from '../options/access.js';
import type {Args, reportsOptions} from '../options/command-options.js';
import {formatTable} from '../printing/format.js';
import {print, printJson} from '../printing/print.js';
import {withDocebo} from '../progress/with-docebo.js';

/** Lists the reports that administrators have made in the tenant. */
export async function showReports(args: Args<typeof reportsOptions>): Promise<void> {
  const reports = await withDocebo(await readAccess(args), 'ask', async docebo => listReports(docebo, reportsTable));
  if (args.json) return printJson(reports.map(report => ({...report, sourceTable: `report:${report.id}`})));
  if (reports.length === 0) return print('There are no reports, or none that this user may see.\n');
  const rows = reports.map(({id, name, type}) => [id, name, type ?? '']);
  const columns = [{title: 'id'}, {title: 'name', wraps: true}, {title: 'type', wraps: true}];
  await print(formatTable(columns, rows));
}
