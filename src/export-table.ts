import type {ApiRoute, DoceboReport, Table} from './table.js';

const exportsPath = '/analytics/v1/reports/{reportId}/exports/{executionId}';

export const resultsRoute: ApiRoute = {path: `${exportsPath}/results`, export: 'results'};

/**
 * The two ways to read the rows of an export (tables/API.md#report-exports). They name its columns differently: `results` as the database
 * does, the file in `download` as the report does.
 */
const routes: readonly ApiRoute[] = [resultsRoute, {path: `${exportsPath}/download`, export: 'download'}];

/** The requests that come before: the first has Docebo start an export, the second says how far it is. */
export const startRoute: ApiRoute = {path: '/analytics/v1/reports/{reportId}/export/csv'};
export const statusRoute: ApiRoute = {path: exportsPath};

/** The table that holds an export of a report. Nothing is declared of it: it has the columns of the report, and its rows have no key. */
export function makeExportTable(report: DoceboReport, name: string): Table {
  return {
    name,
    area: 'reports',
    aliases: [],
    description: `The rows of ${describeReport(report)}, as Docebo exports it.`,
    routes,
    primaryKey: [],
    columns: {},
    ignores: {},
    exportOf: report,
  };
}

export function describeReport({id, name}: DoceboReport): string {
  return name === null ? `the report ${id}` : `the report ${JSON.stringify(name)} (${id})`;
}
