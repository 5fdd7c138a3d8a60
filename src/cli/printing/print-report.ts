import {DestinationError, exitCodes, IngestError, messageOf} from '../../errors.js';
import {describeFilters} from '../../filter-table.js';
import {formatDuration} from '../../format-duration.js';
import type {Report} from '../../report.js';
import type {ProgressOptions} from '../progress/progress.js';
import {formatCount, formatCounted} from './counts.js';
import {explainFailure, type FailedRun} from './explain-failure.js';
import {formatTable, wrap} from './format.js';
import {listConcerns} from './list-concerns.js';
import {groupNames, listFew, sayWhy} from './names.js';
import {print, printJson, tellLines} from './print.js';
import {describeWhole, formatMerges} from './print-merges.js';
import {tellWarning} from './tell-warning.js';

interface TellOptions extends FailedRun {
  readonly json: boolean;
  readonly quiet?: boolean | undefined;
  readonly progress?: ProgressOptions['progress'];
}

/** Not every table was published. The report, which has been printed by then, says why. */
class UnpublishedError extends IngestError {
  override readonly name = 'UnpublishedError';
  readonly code = 'E_UNPUBLISHED';
  readonly exitCode: number;

  constructor(report: Report, failed: FailedRun) {
    const {message, hint} = explainFailure(report, failed);
    super(message, {hint});
    this.exitCode = report.exitCode;
    this.loadId = report.resumable ? report.loadId : undefined;
  }
}

/** Prints the report of a run. If a table was not published or the report cannot be written, throws an error that says so in the last line. */
export async function tellReport(
  report: Report,
  {json, quiet = false, progress, ...failed}: TellOptions,
): Promise<void> {
  const [printed] = await Promise.allSettled([json ? printJson(report) : print(formatReport(report))]);
  for (const concern of listConcerns(report, {quiet})) tellWarning(progress, concern);
  if (printed.status === 'rejected') throw explainLostReport(report, failed, printed.reason);
  refuseUnpublished(report, failed);
}

/** Tells of a run whose stdout belongs to another program, likewise. */
export function tellBeside(report: Report, {quiet = false, progress, ...failed}: Omit<TellOptions, 'json'>): void {
  if (!quiet && progress !== 'json') tellLines(formatReport(report).trimEnd());
  for (const concern of listConcerns(report, {quiet})) tellWarning(progress, concern);
  refuseUnpublished(report, failed);
}

function refuseUnpublished(report: Report, failed: FailedRun): void {
  if (report.exitCode !== exitCodes.ok) throw new UnpublishedError(report, failed);
}

function explainLostReport(report: Report, failed: FailedRun, cause: unknown): DestinationError {
  const said = messageOf(cause instanceof Error && cause.cause !== undefined ? cause.cause : cause);
  const {message, hint} =
    report.exitCode === exitCodes.ok
      ? {message: 'Every table asked for is published.', hint: undefined}
      : explainFailure(report, failed);
  const error = new DestinationError(
    `The report of run ${report.loadId} could not be written to stdout (${said}). ${message}`,
    {hint, cause},
  );
  error.loadId = report.resumable ? report.loadId : undefined;
  return error;
}

/** The run as a person reads it. */
export function formatReport(report: Report): string {
  const table = formatTable(
    [
      {title: 'table'},
      {title: 'status'},
      {title: 'rows', align: 'right'},
      {title: 'planned', align: 'right'},
      {title: 'requests', align: 'right'},
    ],
    report.tables.map(({table: name, status, rows, plannedRequests, requests}) => [
      name,
      status.replace('_', ' '),
      status === 'published' ? formatCount(rows) : '',
      plannedRequests === null ? '' : formatCount(plannedRequests),
      formatCount(requests),
    ]),
  );
  const lines = [
    summarise(report),
    ...describeWhole(report.tables.filter(({error}) => error === undefined)),
    ...describeFiltered(report),
    ...describeAbsent(report),
    ...describeInvalidDates(report),
    `Source: ${report.tenant}`,
    describePlaces(report),
  ];
  const merges = formatMerges(report.tables, Date.parse(report.startedAt) + report.seconds * 1000);
  return [table, ...merges, lines.map(line => `${wrap(line)}\n`).join('')].join('\n');
}

function summarise({tables, requests, tokenRequests, retries, rateLimited, seconds, loadId}: Report): string {
  const published = tables.filter(({status}) => status === 'published');
  const rows = published.reduce((total, load) => total + load.rows, 0);
  const token = requests > 0 && tokenRequests <= 1 ? '' : ` and ${formatCounted(tokenRequests, 'token request')}`;
  const trouble = [
    ...(retries > 0 ? [`${formatCount(retries)} retried`] : []),
    ...(rateLimited > 0 ? [`${formatCount(rateLimited)} rate limited`] : []),
  ];
  const calls = `${formatCounted(requests, 'request')}${token}${trouble.length > 0 ? ` (${trouble.join(', ')})` : ''}`;
  const here = tables.length - tables.filter(({status}) => status === 'absent').length;
  return `${published.length} of ${formatCounted(here, 'table')} published: ${formatCounted(rows, 'row')}, ${calls}, ${formatDuration(seconds)}. Load ${loadId}.`;
}

/** Nobody may take such a table for the whole one. */
function describeFiltered({tables}: Report): readonly string[] {
  return tables.flatMap(({table, filtered, rows, status}) => {
    if (filtered === undefined) return [];
    const filters = describeFilters(filtered);
    return status === 'published' && rows === 0
      ? [`Filtered: ${table} holds no row, since ${filters} lets none in.`]
      : [`Filtered: ${table} holds only what ${filters} lets in.`];
  });
}

function describeAbsent({tables}: Report): readonly string[] {
  const absent = tables.flatMap(({table, absence}) => (absence === undefined ? [] : [[absence, table] as const]));
  return [...groupNames(absent)].map(([reason, names]) => sayWhy('Absent', reason, names.join(', ')));
}

/** Anyone who averages such a column has to know. */
function describeInvalidDates({tables, invalidDatesBecome}: Report): readonly string[] {
  const columns = tables.flatMap(({table, invalidDates}) =>
    Object.entries(invalidDates).map(([column, count]) => `${table}.${column} (${formatCount(count)})`),
  );
  if (columns.length === 0) return [];
  const [value, how] =
    invalidDatesBecome === 'null' ? ['NULL', ''] : ['1970-01-01', '; --invalid-dates null makes it NULL'];
  const where = formatCounted(columns.length, 'column');
  return [`${value} stands for an invalid date in ${where}${how}: ${listFew(columns)}.`];
}

/** The destination and the names of its tables there, as one pattern if one fits them all. */
function describePlaces({destination, tables}: Report): string {
  const published = tables.filter(({status}) => status !== 'absent');
  const names = new Set(
    published.map(load => load.destination.replace(load.table, published.length > 1 ? '*' : load.table)),
  );
  const [pattern = ''] = names;
  const places = published.map(load => `${load.table} as ${load.destination}`);
  return `Destination: ${destination}, ${names.size <= 1 ? pattern : places.join(', ')}`;
}
