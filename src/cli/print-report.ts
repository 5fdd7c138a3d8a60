import {exitCodes} from '../errors.js';
import type {Report, TableReport} from '../report.js';
import {formatCount, formatCounted, formatSeconds} from './format.js';
import {formatTable} from './format-table.js';

/** The report as JSON names all. */
const mostMissing = 5;

/** Prints what became of a run, and sets the exit code. */
export function tellReport(report: Report, {json}: {json: boolean}): void {
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
  process.stderr.write(formatConcerns(report));
  process.exitCode = report.exitCode;
}

/** The run as a person reads it. */
export function formatReport(report: Report): string {
  const table = formatTable(
    [
      {title: 'table'},
      {title: 'destination'},
      {title: 'status'},
      {title: 'rows', align: 'right'},
      {title: 'planned', align: 'right'},
      {title: 'requests', align: 'right'},
      {title: 'seconds', align: 'right'},
      {title: 'dates normalised', align: 'right'},
    ],
    report.tables.map(load => [
      load.table,
      load.destination,
      load.status,
      formatCount(load.rows),
      load.plannedRequests === null ? '' : formatCount(load.plannedRequests),
      formatCount(load.requests),
      load.seconds.toFixed(1),
      formatCount(sum(load.invalidDates)),
    ]),
  );
  return `${table}\n${summarise(report)}\n`;
}

function summarise({tables, requests, retries, rateLimited, seconds, loadId}: Report): string {
  const published = tables.filter(({status}) => status === 'published');
  const rows = published.reduce((total, load) => total + load.rows, 0);
  const trouble =
    retries + rateLimited === 0 ? '' : ` (${formatCount(retries)} retried, ${formatCount(rateLimited)} rate limited)`;
  return `${published.length} of ${formatCounted(tables.length, 'table')} published: ${formatCounted(rows, 'row')}, ${formatCounted(requests, 'request')}${trouble}, ${formatSeconds(seconds)}. Load ${loadId}.`;
}

/** What deserves a second look, for stderr. The last line of a failed run says what failed and what to do next. */
export function formatConcerns(report: Report): string {
  const lines = report.tables.flatMap(concernsOf);
  if (report.exitCode !== exitCodes.ok) lines.push(explainFailure(report));
  return lines.map(line => `${line}\n`).join('');
}

function concernsOf(load: TableReport): string[] {
  const {table, castFailures, undeclared, tolerated, warnings, error} = load;
  return [
    ...Object.entries(castFailures).map(
      ([column, count]) =>
        `${table}.${column}: ${formatCounted(count, 'value')} did not fit the column and became NULL`,
    ),
    ...describeUndeclared(table, Object.keys(undeclared)),
    ...tolerated.map(
      ({count, status, reason}) => `${table}: ${formatCounted(count, 'list')} answered ${status}: ${reason}`,
    ),
    ...warnings.map(warning => `${table}: ${warning}`),
    ...(error === undefined ? [] : [error.message.startsWith(table) ? error.message : `${table}: ${error.message}`]),
    ...describeMissing(table, error?.missing ?? []),
  ];
}

function describeUndeclared(table: string, keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const shown = keys.length > 4 ? [...keys.slice(0, 3), '…'] : keys;
  return [`${table}: ${formatCounted(keys.length, 'undeclared key')} (${shown.join(', ')})`];
}

function describeMissing(table: string, requests: readonly string[]): string[] {
  const shown = requests.slice(0, mostMissing).map(request => `${table}: missing: ${request}`);
  const more = requests.length - shown.length;
  return more === 0
    ? shown
    : [...shown, `${table}: missing: ${formatCounted(more, 'more request')} (--json names all)`];
}

function explainFailure(report: Report): string {
  const {tables} = report;
  const kept = tables.filter(({status}) => status === 'kept');
  const hint = kept.map(({error}) => error?.hint).find(text => text !== undefined);
  const whatFailed =
    kept.length === tables.length
      ? 'nothing was published, every table is as it was'
      : `${kept.length} of ${formatCounted(tables.length, 'table')} not published, the earlier version is kept: ${kept.map(({table}) => table).join(', ')}`;
  return [`docebo-ingest: ${whatFailed}.`, hint, sayHowToGoOn(report, kept)]
    .filter(text => text !== undefined)
    .join(' ');
}

/** What was not read to its end has no route in the report; what was can be loaded without a call. */
function sayHowToGoOn({resumable, loadId}: Report, kept: readonly TableReport[]): string {
  if (!resumable) return 'Run the same command again.';
  return kept.some(({route}) => route === null)
    ? `The same command with --resume ${loadId} asks only for what is missing.`
    : `What was read is kept: docebo-ingest load ${loadId}`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
