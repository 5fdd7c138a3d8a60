import {TextReader, Uint8ArrayWriter, ZipWriter} from '@zip.js/zip.js/lib/zip-core-native.js';
import {Attachment, Refusal} from '../http/reply.js';
import {iterate} from '../list.js';
import type {Report} from '../tenant/reports.js';
import {type Call, get, type Route} from './route.js';

export const reportRoutes: readonly Route[] = [
  get('/analytics/v1/reports', call => ({
    data: call.tenant.reports.map(({listed}) => listed),
    version: '1.0.0',
    _links: [],
  })),
  get('/analytics/v1/reports/{id}/export/csv', call => ({
    success: true,
    data: {executionId: call.exports.start(findReport(call).id)},
  })),
  get('/analytics/v1/reports/{id}/exports/{execution}', call => {
    const status = call.exports.ask(findReport(call).id, executionOf(call));
    if (status === undefined) throw new Refusal(404, 'The execution does not exist.');
    return {data: {executionId: executionOf(call), status}};
  }),
  get('/analytics/v1/reports/{id}/exports/{execution}/results', call => {
    const {query, settings} = call;
    const {rows} = findReady(call);
    if (settings.reports.results === 'refused') throw new Refusal(403);
    const size = Math.min(Number(query.get('pageSize') ?? 100), settings.reports.largestPage);
    const token = query.get('nextToken') ?? '';
    const first = Number(Buffer.from(token, 'base64url').toString() || 0);
    const last = Math.min(rows.length, first + size);
    return {
      data: Array.from({length: last - first}, (_, place) => rows.at(first + place)),
      nextToken: last < rows.length ? Buffer.from(String(last)).toString('base64url') : null,
    };
  }),
  get('/analytics/v1/reports/{id}/exports/{execution}/download', async call => {
    const {name, headings, rows} = findReady(call);
    const lines = [headings.map(([, heading]) => heading)];
    for (const row of iterate(rows)) lines.push(headings.map(([column]) => String(row[column])));
    // Whether the file begins with a byte order mark is not known. Many do, for the sake of Excel.
    const csv = `\ufeff${lines.map(line => `${line.map(quote).join()}\r\n`).join('')}`;
    const zip = new ZipWriter(new Uint8ArrayWriter(), {useWebWorkers: false});
    await zip.add(`${name}.csv`, new TextReader(csv));
    return new Attachment(Buffer.from(await zip.close()), 'application/zip');
  }),
];

function quote(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function findReport({tenant, id}: Call): Report {
  const report = tenant.reports.find(each => each.id === id);
  if (report === undefined) throw new Refusal(404, 'Report not found.');
  return report;
}

function executionOf({path}: Call): string {
  return path.split('/')[6] ?? '';
}

/** The rows of an export cannot be asked for before it is ready (tables/API.md#report-exports). */
function findReady(call: Call): Report {
  const report = findReport(call);
  if (!call.exports.isReady(report.id, executionOf(call))) throw new Refusal(400, 'The execution is not ready.');
  return report;
}
