import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, it, onTestFinished} from 'vitest';
import {recallNames, rememberNames} from '../../src/cli/options/report-names.js';
import {findReports, nameTables, readSources} from '../../src/cli/options/select-reports.js';
import {makeExportTable} from '../../src/export-table.js';
import {checkTables} from '../../src/source/tables/check-tables.js';
import {planTables} from '../../src/source/tables/plan-tables.js';
import {tables} from '../../tables/index.js';
import {connectTo, rehearse} from '../helpers/rehearsal.js';

const guid = 'aa268679-3e8b-11ed-a100-443feb182213';
const read = (...asked: string[]) => {
  const {tables: selected, many, reports} = readSources(tables, asked);
  return {tables: selected.map(({name}) => name), many, reports};
};

describe('--source-table', () => {
  it('takes reports beside tables: a name to the end of its value, an id to the next comma', () => {
    expect(read('report:Compliance, by branch')).toEqual({tables: [], many: false, reports: ['Compliance, by branch']});
    expect(read('users', `report:${guid}`)).toMatchObject({tables: ['users'], reports: [guid]});
    expect(read(`users, report:${guid} ,courses,report:a*,b`)).toEqual({
      tables: ['users', 'courses'],
      many: true,
      reports: [guid, 'a*,b'],
    });
    expect(read('report:12,{users,courses}')).toMatchObject({tables: ['users', 'courses'], reports: ['12']});
  });

  it.each(['report:', 'users,report: '])('refuses %j', value => {
    expect(() => read(value)).toThrow('report: is followed by the id or the name of a report.');
  });

  it('refuses a table that does not exist, reports or not', () => {
    expect(() => read('report:x', 'user')).toThrow('There is no table user.');
  });
});

describe('a table of a report is called', () => {
  const name = (...given: (string | null)[]) => [
    ...nameTables(
      given.map((each, index) => ({id: `${index}A-b`, name: each})),
      new Map(),
    ).values(),
  ];

  it.each<[name: string | null, called: string]>([
    ['Compliance by Branch (2024)', 'compliance_by_branch_2024'],
    ['Users – Courses', 'users_courses'],
    ['Users', 'users_report'],
    ['日本語', '日本語'],
    ['???', '0_a_b'],
    [null, '0_a_b'],
    ['x'.repeat(100), 'x'.repeat(60)],
  ])('%j → %s', (given, called) => {
    expect(name(given)).toEqual([called]);
  });

  it('like no other, whatever the order', () => {
    expect(name('Late', 'late!', 'Other')).toEqual(['late_0_a_b', 'late_1_a_b', 'other']);
  });
});

it('a table keeps the name that it got, whatever becomes of its report', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'docebo-names-'));
  onTestFinished(() => rm(stateDir, {recursive: true}));
  const tenant = 'https://acme.example.com?client_id=x';
  const named = async (...reports: {id: string; name: string | null}[]) => {
    const names = nameTables(reports, await recallNames(stateDir, tenant));
    await rememberNames(
      stateDir,
      tenant,
      [...names].map(([report, name]) => makeExportTable(report, name)),
    );
    return [...names.values()];
  };
  expect(await named({id: 'a', name: 'Late'})).toEqual(['late']);
  expect(await named({id: 'b', name: 'late!'})).toEqual(['late_b']);
  expect(await named({id: 'a', name: 'Overdue'}, {id: 'b', name: null}, {id: 'c', name: 'Overdue'})).toEqual([
    'late',
    'late_b',
    'overdue',
  ]);
});

it('reports are found by id or name, and what is not one is refused', async () => {
  const {emulator, asked, stateDir} = await rehearse({users: 20});
  const find = async (...words: string[]) =>
    connectTo(emulator, async docebo => findReports(docebo, {tables: [], many: false, reports: words}, stateDir));
  const {id} = emulator.reports[3] ?? expect.fail();
  const found = await find(id.toUpperCase(), 'Certificates', 'USERS – courses', guid.replace('a', 'b'));
  expect(found.many).toBe(true);
  expect(found.tables.map(({table, name}) => [name, table.exportOf?.name])).toEqual([
    ['certificates', 'Certificates'],
    ['users_courses', 'Users – Courses'],
    ['ba268679_3e8b_11ed_a100_443feb182213', null],
  ]);
  expect(asked()).toEqual(['/analytics/v1/reports?count=500']);
  await expect(find('Certificate')).rejects.toThrow('There is no report Certificate. Did you mean Certificates?');
  emulator.setFaults([{match: 'count=500', kind: 'status', status: 403, times: 9}]);
  expect((await find(guid)).tables.map(({name}) => name)).toEqual([guid.replaceAll('-', '_')]);
  await expect(find('Certificates')).rejects.toThrow('403');
});

it('check and plan take reports, at no call beside the list', async () => {
  const {emulator, asked, stateDir} = await rehearse({users: 20});
  const {checks, plan} = await connectTo(emulator, async docebo => {
    const sources = {tables: [], many: false, reports: ['Certificates', guid.replace('a', 'b')]};
    const selected = (await findReports(docebo, sources, stateDir)).tables.map(({table}) => table);
    return {checks: await checkTables(docebo, selected), plan: await planTables(docebo, selected)};
  });
  expect(checks).toMatchObject([
    {table: 'certificates', area: 'reports', readable: true},
    {readable: false, obstacle: 'absent', detail: 'not in the list of reports, or the list was refused'},
  ]);
  expect(plan).toMatchObject({requests: 6, certainty: 'at least', planRequests: 1});
  expect(asked()).toHaveLength(1);
});
