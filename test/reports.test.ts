import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {TextReader, Uint8ArrayWriter, ZipWriter} from '@zip.js/zip.js/lib/zip-core-native.js';
import {describe, expect, it} from 'vitest';
import {defaultChoices} from '../src/choices.js';
import {openDestination} from '../src/destination/open.js';
import type {EmulatorOptions} from '../src/emulator/index.js';
import {InterruptedError} from '../src/errors.js';
import {makeExportTable} from '../src/export-table.js';
import {load} from '../src/load.js';
import type {RunEvent} from '../src/report.js';
import {findRun} from '../src/spool/runs.js';
import {fileUris, readRowsOf} from './destination/rows-of-files.js';
import {type Rehearsal, rehearse, tableNamed} from './helpers/rehearsal.js';
import {type Answer, query, serve} from './helpers/served.js';
import {FakeClock} from './source/fake-clock.js';

const results = '/analytics/v1/reports/{reportId}/exports/{executionId}/results';
const download = '/analytics/v1/reports/{reportId}/exports/{executionId}/download';

/** What `loads` takes for reports of the emulator, by their names. */
function loadsOf({emulator}: Pick<Rehearsal, 'emulator'>, names: Readonly<Record<string, string>>) {
  return Object.entries(names).map(([table, name]) => {
    const {id} = emulator.reports.find(report => report.name === name) ?? expect.fail(name);
    return {table: makeExportTable({id, name}, table), target: {schema: null, name: table}};
  });
}

/** The columns of a table with their types, ours apart. */
async function typesOf(file: string, table: string): Promise<Readonly<Record<string, unknown>>> {
  const rows = await query(
    file,
    `SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '${table}' AND column_name NOT LIKE '\\_docebo%' ESCAPE '\\' ORDER BY column_index`,
  );
  return Object.fromEntries(rows.map(([name, type]) => [String(name), type]));
}

const isStart = (path: string) => path.endsWith('/export/csv');
const isStatus = (path: string) => /\/exports\/[^/]+$/.test(path);

const names = {
  enrolments: 'Users – Courses',
  certificates: 'Certificates',
  attendance: 'Users – ILT sessions',
};

/** Rows with every value as text, in an order of their own; what is empty is null. */
async function textRows(file: string, table: string, columns: readonly string[]): Promise<readonly string[]> {
  const cells = columns.map(name => `CAST("${name}" AS VARCHAR)`);
  const rows = await query(file, `SELECT ${cells.join()} FROM "${table}"`);
  return rows.map(row => JSON.stringify(row)).sort();
}

describe.each<{way: string; reports: NonNullable<EmulatorOptions['reports']>; route: string}>([
  {way: 'page by page', reports: {largestPage: 40, statuses: ['QUEUED', 'RUNNING', 'SUCCEEDED']}, route: results},
  {way: 'as a file', reports: {results: 'refused', statuses: ['QUEUED', 'RUNNING', 'SUCCEEDED']}, route: download},
])('reports that are read $way', ({reports, route}) => {
  it('become tables beside the others, each row once and each value as it was, at no more calls than needed', async () => {
    const rehearsal = await rehearse({reports});
    const {emulator, file} = rehearsal;
    const users = {table: tableNamed('users'), target: {schema: null, name: 'users'}};
    const cast = {...defaultChoices.cast, reportTypes: 'text' as const};
    const report = await rehearsal.load([], {}, {loads: [users, ...loadsOf(rehearsal, names)], cast});
    expect(report).toMatchObject({exitCode: 0});
    expect(await rehearsal.published('users')).toEqual(rehearsal.truth('users'));
    for (const [table, name] of Object.entries(names)) {
      const {rows, headings} = emulator.reports.find(each => each.name === name) ?? expect.fail();
      const sent = Array.from({length: rows.length}, (_, index) => rows.at(index));
      expect(sent.length, name).toBeGreaterThan(0);
      const columns = Object.keys(await typesOf(file, table));
      expect(columns.length).toBe(headings.length);
      const truth = sent.map(row => JSON.stringify(headings.map(([column]) => row[column] || null))).sort();
      expect(await textRows(file, table, columns), name).toEqual(truth);
      const reported = report.tables.find(each => each.table === table);
      const pages = route === results ? Math.max(1, Math.ceil(sent.length / 40)) : 3;
      expect(reported, name).toMatchObject({status: 'published', route, rows: sent.length, undeclared: {}});
      expect(reported?.requests, name).toBe(1 + 3 + pages);
      if (route === results) expect(reported?.plannedRequests).toBe(reported?.requests);
    }
    const [comment] = await query(
      file,
      `SELECT comment FROM duckdb_columns() WHERE table_name = 'certificates' AND column_name = '${route === results ? 'issued_on' : 'to_renew_in'}'`,
    );
    expect(comment).toEqual([`The report's column "${route === results ? 'issued_on' : 'To renew in'}".`]);
  });
});

it('kinds follow from all values of a column', async () => {
  const rehearsal = await rehearse({reports: {results: 'refused'}});
  const {file} = rehearsal;
  const {certificates, enrolments} = names;
  await rehearsal.load(
    [],
    {},
    {loads: loadsOf(rehearsal, {certificates, enrolments, all_users: 'All users, with branches'})},
  );
  expect(await typesOf(file, 'certificates')).toEqual({
    username: 'VARCHAR',
    full_name: 'VARCHAR',
    certification_title: 'VARCHAR',
    certification_code: 'VARCHAR',
    certification_duration: 'VARCHAR',
    certification_status: 'VARCHAR',
    completed_activity: 'VARCHAR',
    issued_on: 'DATE',
    to_renew_in: 'DATE',
  });
  expect(await typesOf(file, 'enrolments')).toMatchObject({
    course_internal_id: 'BIGINT',
    enrollment_date: 'TIMESTAMP WITH TIME ZONE',
    final_score: 'DOUBLE',
    archived_enrollment_yes_no: 'VARCHAR',
    archive_date: 'VARCHAR',
  });
  expect(await typesOf(file, 'all_users')).toMatchObject({fête: 'VARCHAR', cost_centre_old: 'VARCHAR'});
});

/** A tenant with one report, whose replies a test sets and changes. */
async function serveReport() {
  const said = {
    start: 200,
    statuses: ['SUCCEEDED'],
    /** Bodies of results, by token. */
    results: (_token: string): string | number => rowsBody([{a: '1'}]),
    download: (): Buffer | undefined => undefined,
    exports: 0,
    /** How often an export is not known yet. */
    unknown: 0,
    polls: 0,
  };
  const answer: Answer = (path, params) => {
    if (path.endsWith('/export/csv')) {
      if (said.start !== 200) return {status: said.start, body: '{"message":["Report not found"]}'};
      said.polls = 0;
      return `{"data":{"executionId":"e${++said.exports}"}}`;
    }
    const id = path.split('/')[6];
    if (id !== `e${said.exports}`) return undefined;
    if (path.endsWith('/results')) {
      const body = said.results(params.get('nextToken') ?? '');
      return typeof body === 'number' ? {status: body, body: '{"message":["refused"]}'} : body;
    }
    if (path.endsWith('/download')) return said.download();
    if (said.unknown-- > 0) return undefined;
    const status = said.statuses[Math.min(said.polls++, said.statuses.length - 1)];
    return JSON.stringify({data: {status}});
  };
  const served = await serve(answer);
  const loads = [
    {table: makeExportTable({id: 'r1', name: 'Report'}, 'report'), target: {schema: null, name: 'report'}},
  ];
  const load = async (options: Parameters<typeof served.load>[1] = {}) =>
    served.load([], {loads, ...options, docebo: {clock: new FakeClock(Date.now()), ...options.docebo}});
  const columns = async () =>
    (
      await served.query(`SELECT column_name || ' ' || data_type FROM duckdb_columns() WHERE table_name = 'report'`)
    ).flat();
  return {...served, said, load, columns};
}

async function zip(csv: string): Promise<Buffer> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), {useWebWorkers: false});
  await writer.add('report.csv', new TextReader(csv));
  return Buffer.from(await writer.close());
}

function rowsBody(
  rows: readonly Readonly<Record<string, unknown>>[],
  nextToken: string | null = null,
  more = {},
): string {
  return JSON.stringify({data: rows, nextToken, ...more});
}

describe('an export', () => {
  it('that takes too long is waited for again by --resume, not started again', async () => {
    const {said, load, asked} = await serveReport();
    said.statuses = ['PREPARING'];
    const told: string[] = [];
    const onEvent = (event: RunEvent) => {
      if (event.type === 'waiting') told.push(event.reason);
    };
    const first = await load({docebo: {onEvent}, reportTimeoutMs: 50_000});
    expect(first).toMatchObject({exitCode: 7, resumable: true});
    expect(first.tables[0]?.error?.message).toBe(
      'report: Docebo has not prepared the report "Report" (r1) within 50 s: its status is "PREPARING".',
    );
    expect(told).toEqual(['Docebo prepares the report "Report" (r1), whose status is "PREPARING"']);
    // Pauses grow, so that half an hour takes some seventy calls.
    expect(asked.filter(isStatus).length).toBeLessThan(12);
    said.statuses = ['SUCCEEDED'];
    expect(await load({resume: true})).toMatchObject({exitCode: 0});
    expect(asked.filter(isStart)).toHaveLength(1);
  });

  it('is waited for again by --resume after the run was stopped', async () => {
    const {said, load, asked} = await serveReport();
    said.statuses = ['PREPARING'];
    const stop = new AbortController();
    const onEvent = (event: RunEvent) => {
      if (event.type === 'waiting') stop.abort(new InterruptedError('Stopped by SIGINT'));
    };
    await expect(load({docebo: {onEvent, signal: stop.signal}})).rejects.toMatchObject({
      name: 'InterruptedError',
      hint: expect.stringContaining('--resume'),
    });
    said.statuses = ['SUCCEEDED'];
    expect(await load({resume: true})).toMatchObject({exitCode: 0});
    expect(asked.filter(isStart)).toHaveLength(1);
  });

  it('that is gone when it is resumed is started anew', async () => {
    const {said, load, asked} = await serveReport();
    said.statuses = ['QUEUED'];
    await load({reportTimeoutMs: 1000});
    said.exports++;
    said.statuses = ['SUCCEEDED'];
    expect(await load({resume: true})).toMatchObject({exitCode: 0});
    expect(asked.filter(isStart)).toHaveLength(2);
  });

  it('of which Docebo does not say how far it is, is asked for until its rows are there', async () => {
    const {said, load, asked} = await serveReport();
    said.unknown = 100;
    let tries = 0;
    said.results = () => (++tries < 9 ? 400 : rowsBody([{a: '1'}]));
    expect(await load()).toMatchObject({exitCode: 0});
    expect(asked.filter(isStart)).toHaveLength(1);
    said.results = () => 404;
    const report = await load();
    expect(report.tables[0]?.error?.message).toBe('report: Docebo does not know the export e2 that it started.');
    said.unknown = 2;
    said.results = token => (token === '' && said.unknown > 0 ? 404 : rowsBody([{a: '1'}]));
    expect(await load()).toMatchObject({exitCode: 0});
  });

  it.each(['FAILED', 'timed out'])('that ends as %s leaves the earlier table, and is started anew', async word => {
    const {said, load, query, asked} = await serveReport();
    await load();
    said.statuses = ['RUNNING', word];
    const report = await load();
    expect(report).toMatchObject({exitCode: 7, tables: [{status: 'kept'}]});
    expect(report.tables[0]?.error?.message).toContain(`the export ended as ${word}`);
    expect(await query('SELECT a FROM report')).toEqual([['1']]);
    said.statuses = ['SUCCEEDED'];
    expect(await load()).toMatchObject({exitCode: 0});
    expect(asked.filter(isStart)).toHaveLength(3);
  });

  it.each([404, 403])(
    'of a report that answers %i leaves the earlier table, and is not tried by another route',
    async status => {
      const {said, load, query, asked} = await serveReport();
      await load();
      said.start = status;
      const before = asked.length;
      const report = await load();
      expect(report).toMatchObject({exitCode: 5, tables: [{status: 'kept', error: {status}}]});
      expect(report.tables[0]?.error?.message).toMatch(
        /^report: the report "Report" \(r1\) (is not there|cannot be exported)/,
      );
      expect(asked.slice(before).every(isStart)).toBe(true);
      expect(await query('SELECT a FROM report')).toEqual([['1']]);
    },
  );

  it('is read on by --resume at the page that is missing', async () => {
    const {said, load, asked, query} = await serveReport();
    const pages: Record<string, string> = {
      '': rowsBody([{a: '1'}], 't1'),
      t1: rowsBody([{a: '1'}], 't2'),
      t2: rowsBody([{a: '3'}]),
    };
    said.results = token => (token === 't2' ? 500 : (pages[token] ?? 404));
    expect(await load()).toMatchObject({exitCode: 4, resumable: true});
    said.results = token => pages[token] ?? 404;
    const before = asked.length;
    expect(await load({resume: true})).toMatchObject({
      exitCode: 0,
      tables: [{warnings: ['1 of its pages may repeat the one before.']}],
    });
    expect(asked.slice(before).filter(path => path.includes('/results'))).toEqual([
      expect.stringContaining('nextToken=t2'),
    ]);
    // Two equal rows are two rows, or one that came twice.
    expect(await query('SELECT a FROM report ORDER BY a')).toEqual([['1'], ['1'], ['3']]);
  });

  it('of which the rest is gone is read anew as a whole by the next try', async () => {
    const {said, load, query} = await serveReport();
    said.results = token => (token === '' ? rowsBody([{a: 'old'}], 't1') : 404);
    expect(await load()).toMatchObject({tables: [{status: 'not_loaded'}]});
    said.results = () => rowsBody([{a: 'new'}]);
    expect(await load()).toMatchObject({exitCode: 0});
    expect(await query('SELECT a FROM report')).toEqual([['new']]);
  });

  it.each<[what: string, results: (token: string) => string, message: RegExp]>([
    ['names a page twice', token => rowsBody([{a: token}], 'same'), /page 2 names one that was read before/],
    [
      'sends one page for ever',
      token => rowsBody([{a: 1}], `${Number(token) + 1}`),
      /1001 pages in a row hold the same rows/,
    ],
    ['has no end', token => rowsBody([], `${token}x`), /4 empty pages in a row name another/],
    ['lacks a page', token => (token === '' ? rowsBody([{a: 1}], 't') : '{"data":null}'), /page 2 holds no rows/],
    ['is short', () => rowsBody([{a: 1}], null, {total_count: 2}), /Docebo counts 2 rows and sent 1/],
  ])('is refused if it %s', async (_, results, message) => {
    const {said, load} = await serveReport();
    said.results = results;
    const report = await load();
    expect(report).toMatchObject({exitCode: 7, tables: [{status: 'not_loaded'}]});
    expect(report.tables[0]?.error?.message).toMatch(message);
  });

  it('is read on where the name of the next page stands further in', async () => {
    const {said, load} = await serveReport();
    said.results = token =>
      token === '' ? rowsBody([{a: 1}], null, {pagination: {nextToken: 't'}}) : rowsBody([{a: 2}]);
    expect(await load()).toMatchObject({exitCode: 0, tables: [{rows: 2, warnings: []}]});
  });

  it('whose last page is full is not known to be whole', async () => {
    const {said, load} = await serveReport();
    const rows = Array.from({length: 1000}, (_, a) => ({a}));
    said.results = () => rowsBody(rows);
    expect(await load()).toMatchObject({
      exitCode: 0,
      tables: [{rows: 1000, warnings: ['The last page was full, and nothing says that it is the last.']}],
    });
    said.results = () => rowsBody(rows, null, {total_count: 1000});
    expect(await load()).toMatchObject({exitCode: 0, tables: [{rows: 1000, warnings: []}]});
  });

  it('whose file has no usable headings costs its own table only', async () => {
    const {said, load} = await serveReport();
    said.results = () => 404;
    const file = await zip('Na\0me,Age\r\nAnn,3');
    said.download = () => file;
    const report = await load();
    expect(report).toMatchObject({exitCode: 5, tables: [{status: 'not_loaded', error: {code: 'E_RESPONSE'}}]});
    expect(report.tables[0]?.error?.message).toContain('hold NUL characters');
  });

  it('without rows is a table without rows', async () => {
    const {said, load, query, columns} = await serveReport();
    said.results = () => rowsBody([]);
    expect(await load()).toMatchObject({exitCode: 5, tables: [{status: 'not_loaded'}]});
    const cast = {loadMetadata: true};
    expect(await load({cast})).toMatchObject({exitCode: 0, tables: [{rows: 0, warnings: []}]});
    said.results = () => rowsBody([{a: '1'}]);
    expect(await load({cast})).toMatchObject({exitCode: 0, tables: [{rows: 1, warnings: []}]});
    said.results = () => '{"data":null}';
    const emptied = await load({cast, allowEmpty: true});
    expect(emptied).toMatchObject({tables: [{rows: 0, warnings: [expect.stringMatching(/It came twice\.$/)]}]});
    expect((await columns()).slice(-1)).toEqual(['a BIGINT']);
    expect(await query('SELECT a FROM report')).toEqual([]);
  });

  it('that comes as a file is asked for again if it was damaged, and keeps its headings without rows', async () => {
    const {said, load, columns, asked} = await serveReport();
    said.results = () => 403;
    const whole = await zip('Full Name;n\n');
    const damaged = Buffer.from(whole).fill(0, whole.length - 30);
    said.download = () => (asked.filter(path => path.endsWith('/download')).length === 1 ? damaged : whole);
    expect(await load()).toMatchObject({exitCode: 0, tables: [{rows: 0}]});
    expect(await columns()).toEqual(['full_name VARCHAR', 'n VARCHAR']);
    said.download = () => damaged;
    const {tables} = await load();
    expect(tables[0]?.error?.message).toMatch(/^report: the report "Report" \(r1\): its ZIP is damaged/);
    said.download = () => Buffer.from('<html>');
    expect(await load()).toMatchObject({exitCode: 5, tables: [{status: 'kept'}]});
  });

  it('is loaded again without a call', async () => {
    const {load: ingest, stateDir, folder, asked} = await serveReport();
    const {loadId} = await ingest();
    const record = await findRun(stateDir, loadId);
    const [recorded] = record.loads;
    expect(recorded?.exportOf).toEqual({id: 'r1', name: 'Report'});
    const before = asked.length;
    const destination = openDestination(`jsonl://${folder}/copy`);
    const table = makeExportTable({id: 'r1', name: 'Report'}, 'report');
    const loads = [{table, target: {schema: null, name: 'report'}}];
    expect(await load({record, loads, destination, stateDir})).toMatchObject({exitCode: 0, requests: 0});
    expect(asked).toHaveLength(before);
    expect(JSON.parse(await readFile(join(folder, 'copy', 'report.jsonl'), 'utf8'))).toMatchObject({a: 1});
  });
});

describe('the columns of a report', () => {
  it('keep their kinds from night to night as long as the values fit', async () => {
    const {said, load, columns} = await serveReport();
    const night = async (...rows: readonly Readonly<Record<string, unknown>>[]) => {
      said.results = () => rowsBody(rows);
      const report = await load();
      return {columns: await columns(), warnings: report.tables[0]?.warnings, ...report.tables[0]?.error};
    };
    const first = {
      Code: '007',
      n: '12',
      'Rate (%)': '2.50',
      on: '2024-01-02',
      at: '2024-01-02 10:00:00',
      is: 'true',
      none: '',
    };
    const kinds = [
      'code VARCHAR',
      'n BIGINT',
      'rate DOUBLE',
      'on DATE',
      'at TIMESTAMP WITH TIME ZONE',
      'is BOOLEAN',
      'none VARCHAR',
    ];
    expect(await night(first)).toEqual({columns: kinds, warnings: []});
    // Text stays text, fractions stay fractions, and days may come with a time.
    expect(await night({...first, Code: '7', 'Rate (%)': '3', at: '2024-01-02', n: ''})).toEqual({
      columns: kinds,
      warnings: [],
    });
    expect(await night({...first, none: '5', n: '1.5', on: '0000-00-00'}, {...first, n: '2', none: '6'})).toEqual({
      columns: kinds.with(1, 'n DOUBLE').with(6, 'none BIGINT'),
      warnings: ['The column n held BIGINT and now holds DOUBLE'],
    });
    const {none: _, ...rest} = first;
    expect(await night({...rest, n: 'many', New: 'x'})).toEqual({
      columns: [...kinds.slice(0, 1), 'n VARCHAR', ...kinds.slice(2, 6), 'new VARCHAR', 'none BIGINT'],
      warnings: [
        'The report has new columns: New',
        'The report no longer has these columns: none',
        'The column n held DOUBLE and now holds VARCHAR',
      ],
    });
    expect((await night({...rest, New: 'x'})).warnings).toEqual([]);
    expect(await night({Codice: '1', Numero: '2'})).toMatchObject({
      exitCode: 5,
      message: 'report: the report has none of its earlier columns any more, but Codice, Numero',
    });
  });

  it.each(fileUris)('keep their kinds in $scheme too, whose files do not tell all of them', async ({scheme}) => {
    const {said, load, folder} = await serveReport();
    const destination = openDestination(`${scheme}://${folder}/out`);
    const night = async (row: Readonly<Record<string, unknown>>) => {
      said.results = () => rowsBody([row]);
      const report = await load({destination, cast: {loadMetadata: true}});
      expect(report).toMatchObject({exitCode: 0});
      const [written = {}] = await readRowsOf(scheme, join(folder, 'out', `report.${scheme}`));
      return Object.entries(written).filter(([name]) => !name.startsWith('_'));
    };
    const first = {Code: '007', 'Score (%)': '1.5', Late: '', on: '2024-01-02', 'same name': 'a', 'Same Name': 'b'};
    const names = (await night(first)).map(([name]) => name);
    expect(names.slice(0, 4)).toEqual(['code', 'score', 'late', 'on']);
    expect(new Set(names).size).toBe(6);
    const second = await night({...first, Code: '7', 'Score (%)': '2', Late: '12'});
    expect(second.map(([name]) => name)).toEqual(names);
    expect(second.map(([, value]) => value)).toEqual([
      '7',
      scheme === 'jsonl' ? '2' : '2.0',
      '12',
      '2024-01-02',
      'a',
      'b',
    ]);
  });
});
