import {isDerived} from '../../routes.js';
import {readValue} from '../../spool/record-values.js';
import type {ApiRoute, DoceboReport, Table} from '../../table.js';
import type {Docebo} from '../docebo.js';
import {PageFormat} from '../lists/page.js';
import {readSample} from '../lists/sample.js';

/** A report as the tenant lists it. */
export interface ListedReport extends DoceboReport {
  readonly name: string;
  readonly type: string | null;
  readonly createdBy: string | null;
  readonly creationDate: string | null;
}

/** Asks for the reports of the tenant, at one call. `table` is the declared table of reports. Throws what Client.get throws. */
export async function listReports({client, pageSize}: Docebo, table: Table): Promise<readonly ListedReport[]> {
  const route = table.routes.find((each): each is ApiRoute => !isDerived(each));
  if (route === undefined) throw new TypeError('The table of reports has no list.');
  const {records} = await readSample(client, new PageFormat(table, route, pageSize), {});
  return records.flatMap(record => {
    const read = (column: string) => readValue(record, table, column)?.trim() || null;
    const id = read('id_report');
    const facts = {type: read('type'), createdBy: read('created_by'), creationDate: read('creation_date')};
    return id === null ? [] : [{id, name: read('report_name') ?? id, ...facts}];
  });
}
