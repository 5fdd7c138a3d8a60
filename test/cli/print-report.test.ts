import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import {explainFailure} from '../../src/cli/printing/explain-failure.js';
import {listConcerns} from '../../src/cli/printing/list-concerns.js';
import {formatReport} from '../../src/cli/printing/print-report.js';
import type {Flags} from '../../src/command-line.js';
import type {Report, TableReport} from '../../src/report.js';
import {isDerived} from '../../src/routes.js';
import {sessions} from '../../tables/sessions.js';

const users: TableReport = {
  table: 'users',
  destination: 'dest.users',
  status: 'published',
  route: '/manage/v1/user',
  strategy: 'replace',
  rows: 1200,
  requests: 6,
  plannedRequests: 5,
  seconds: 1.26,
  invalidDates: {creation_date: 3, last_update: 1},
  castFailures: {},
  mendedTexts: {},
  undeclared: {},
  tolerated: [],
  warnings: [],
};

const report: Report = {
  loadId: '01',
  tenant: 'https://acme.docebosaas.com',
  destination: 'duckdb:///docebo.duckdb',
  startedAt: '2026-01-01T00:00:00.000Z',
  seconds: 1.5,
  requests: 6,
  retries: 0,
  rateLimited: 0,
  tokenRequests: 1,
  invalidDatesBecome: 'epoch',
  tables: [users],
  resumable: false,
  exitCode: 0,
};

const kept: TableReport = {
  ...users,
  table: 'courses',
  destination: 'dest.courses',
  status: 'kept',
  rows: 0,
  error: {
    name: 'IncompleteError',
    code: 'E_INCOMPLETE',
    exitCode: 7,
    message: 'courses: 10 records are missing',
    hint: 'Close it.',
    reason: 'courses: 10 records are missing',
  },
};

/** Of a table that never was, nothing is kept. */
const notLoaded: TableReport = {...kept, table: 'groups', status: 'not_loaded'};

const concerns = (tables: readonly TableReport[], quiet = false) =>
  listConcerns({...report, tables}, {quiet}).map(({message}) => message);

describe('the report', () => {
  it('is a table and a few sentences', () => {
    expect(formatReport(report)).toBe(
      [
        'table  status      rows  planned  requests',
        'users  published  1,200        5         6',
        '',
        '1 of 1 table published: 1,200 rows, 6 requests, 1.5 s. Load 01.',
        '1970-01-01 stands for an invalid date in 2 columns; --invalid-dates null makes',
        'it NULL: users.creation_date (3), users.last_update (1).',
        'Source: https://acme.docebosaas.com',
        'Destination: duckdb:///docebo.duckdb, dest.users',
        '',
      ].join('\n'),
    );
  });

  it('says what stands for invalid dates, and of many columns the first', () => {
    const many = Object.fromEntries(Array.from({length: 7}, (_, index) => [`date_${index}`, 1]));
    const table = {...users, invalidDates: many};
    expect(formatReport({...report, tables: [table], invalidDatesBecome: 'null'})).toContain(
      [
        'NULL stands for an invalid date in 7 columns: users.date_0 (1), users.date_1',
        '(1), users.date_2 (1), users.date_3 (1), users.date_4 (1), and 2 more.',
      ].join('\n'),
    );
    expect(formatReport({...report, tables: [{...users, invalidDates: {}}]})).not.toContain('invalid');
  });

  it('fits 80 columns, whatever tables and destinations are called', () => {
    const table = 'learning_plan_course_enrollments';
    const none: TableReport = {...kept, table, destination: `${'s'.repeat(60)}.${table}`, status: 'not_loaded'};
    const wide = formatReport({
      ...report,
      destination: `duckdb:///${'folder/'.repeat(20)}docebo.duckdb`,
      requests: 1_234_567,
      retries: 12,
      rateLimited: 34,
      tables: [{...users, destination: `${'s'.repeat(60)}.users`, rows: 123_456_789, requests: 1_234_567}, none],
    });
    for (const line of wide.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    expect(wide).toMatch(/^learning_plan_course_enrollments +not loaded +5 +6$/m);
    expect(wide.replaceAll('\n', '')).toContain(`${'s'.repeat(60)}.*`);
  });

  it('says of a merge what became of the rows, in 80 columns, and once why tables were read whole', () => {
    const name = 'learning_plan_course_enrollments';
    const whole = (table: string, reason: string): TableReport => ({...users, table, invalidDates: {}, reason});
    const merged: TableReport = {
      ...users,
      table: name,
      strategy: 'merge',
      invalidDates: {},
      changed: 1204,
      removed: 17,
      carriedOver: 123_998_779,
      oldest: '2025-12-28T00:00:00.000Z',
    };
    const none: TableReport = {...merged, table: 'polls', changed: 3, carriedOver: 0, oldest: null};
    const many = Array.from({length: 7}, (_, index) => whole(`t${index}`, 'It has no key.'));
    const failed: TableReport = {...kept, table: 'sessions', reason: 'It has no key.'};
    const tables = [
      merged,
      none,
      failed,
      {...merged, ...kept, table: 'badges'},
      ...many,
      whole('users', 'A full refresh was asked for.'),
    ];
    const told = formatReport({...report, tables});
    expect(told).toContain(
      [
        '',
        'merged                            changed  removed  carried over  oldest',
        'learning_plan_course_enrollments    1,204       17   123,998,779     4 d',
        'polls                                   3       17             0',
        '',
        '',
      ].join('\n'),
    );
    expect(told).toContain(
      '\nRead whole (It has no key): t0, t1, t2, t3, t4, and 2 more.\nRead whole (A full refresh was asked for): users.\n',
    );
    for (const line of told.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
  });

  it('counts as retried only calls that were made again, and tells of token requests where there are no others', () => {
    const lines = formatReport({...report, requests: 0, tokenRequests: 6, rateLimited: 2}).replaceAll('\n', ' ');
    expect(lines).toContain(' 0 requests and 6 token requests (2 rate limited), ');
  });

  it('has nothing to add about a clean run', () => {
    expect(concerns(report.tables)).toEqual([]);
  });

  it('names everything that was not clean', () => {
    const table: TableReport = {
      ...users,
      castFailures: {role_id: 1},
      undeclared: {shoe_size: ['integer', 'null'], field_2: ['string'], field_x: ['null']},
      tolerated: [{status: 404, reason: 'The course was deleted.', count: 2, requests: []}],
      warnings: ['no rows'],
    };
    expect(concerns([table])).toEqual([
      'users.role_id: 1 value did not fit the column and became NULL',
      'users: 2 undeclared keys (shoe_size, field_x)',
      'users: 2 lists answered 404: The course was deleted.',
      'users: no rows',
    ]);
  });

  it('has nothing to add about additional fields and about lists that are empty by an error', () => {
    const [route] = sessions.routes;
    const reasons = route === undefined || isDerived(route) ? [] : Object.values(route.emptyOn ?? {});
    const tolerated = reasons.map(reason => ({status: 404, reason, count: 2, requests: []}));
    expect(reasons).not.toEqual([]);
    expect(concerns([{...users, undeclared: {field_1: ['string'], field_10: ['string']}, tolerated}])).toEqual([]);
  });

  it('is silent about tables that were published, if asked to be quiet, but not about others', () => {
    const table: TableReport = {...users, warnings: ['no rows']};
    expect(concerns([table, {...kept, warnings: ['it moved']}], true)).toEqual([
      'courses: it moved',
      'courses: 10 records are missing',
    ]);
  });

  it('says once why tables failed for one reason, and then which they are', () => {
    const failure = kept.error ?? expect.fail();
    const child = (table: string): TableReport => ({
      ...kept,
      table,
      error: {...failure, message: `${table} needs courses`, rootMessage: failure.message},
    });
    expect(concerns([child('polls'), kept, child('sessions')])).toEqual([
      'courses: 10 records are missing',
      'Not published for the same reason: polls, sessions',
    ]);
    expect(concerns([child('polls'), child('sessions')])).toEqual([
      'courses: 10 records are missing',
      'Not published for the same reason: polls, sessions',
    ]);
  });

  const lastLine = (changes: Partial<Report>) => {
    const {message, hint} = explainFailure(
      {...report, exitCode: 7, ...changes},
      {command: 'ingest', stateDir: '/state'},
    );
    return `${message} ${hint}`;
  };
  const failed =
    '1 of 2 tables not published, the earlier version is kept: courses (10 records are missing). Close it.';

  it('ends with what failed and what to do next', () => {
    expect(lastLine({tables: [users, kept]})).toBe(`${failed} Run the same command again.`);
  });

  it('says that an earlier version is kept only where there is one', () => {
    expect(lastLine({tables: [users, notLoaded]})).toMatch(/^1 of 2 tables not published: groups /);
    expect(lastLine({tables: [users, kept, notLoaded]})).toMatch(
      /^2 of 3 tables not published, the earlier version is kept: courses /,
    );
  });

  it('ends with how to ask only for what is missing, if a table was not read to its end', () => {
    expect(lastLine({tables: [users, {...kept, route: null}], resumable: true})).toBe(
      `${failed} The same command with --resume 01 asks only for what is missing.`,
    );
  });

  it('ends with how to load what was read, if only publishing it was refused', () => {
    const allowedBy = (flags: Flags): TableReport => ({
      ...kept,
      error: {...(kept.error ?? expect.fail()), allowedBy: flags},
    });
    const tables = [
      users,
      allowedBy({'max-shrink': 60}),
      allowedBy({'allow-older': true}),
      allowedBy({'max-shrink': 55}),
    ];
    expect(lastLine({tables, resumable: true})).toMatch(
      / What was read is kept: docebo-ingest load 01 --state-dir \/state --max-shrink 60 --allow-older$/,
    );
  });

  it('does not ask to load what would be refused once more', () => {
    expect(lastLine({tables: [users, kept], resumable: true})).toBe(`${failed} Run the same command again.`);
  });

  it('does not ask to repeat what a right is missing for, unless something else failed too', () => {
    const hint = 'Have the right given.';
    const forbidden: TableReport = {
      ...kept,
      table: 'groups',
      route: null,
      error: {
        name: 'RejectedError',
        code: 'E',
        exitCode: 5,
        message: 'No.',
        hint,
        status: 403,
        isLasting: true,
        reason: 'Docebo answered 403: No',
      },
    };
    const branches: TableReport = {...forbidden, table: 'branches'};
    expect(lastLine({tables: [forbidden], resumable: true})).toBe(
      'Nothing was published, every table is as it was: groups (Docebo answered 403: No). Have the right given.',
    );
    expect(lastLine({tables: [users, forbidden, branches], resumable: true})).toBe(
      '2 of 3 tables not published, the earlier version is kept: groups, branches (Docebo answered 403: No). Have the right given.',
    );
    expect(lastLine({tables: [forbidden, {...kept, route: null}], resumable: true})).toContain(
      'Have the right given. Close it. The same command with --resume 01 asks only for what is missing.',
    );
  });

  it('names the requests that are missing, and how many more there are', () => {
    const missing = Array.from({length: 7}, (_, page) => `GET /courses?page=${page + 1}`);
    const table: TableReport = {
      ...kept,
      error: {name: 'IncompleteError', code: 'E', exitCode: 7, message: 'No.', reason: 'No.', missing},
    };
    expect(concerns([table])).toEqual([
      'courses: No.',
      ...missing.slice(0, 5).map(request => `courses: missing: ${request}`),
      'courses: missing: 2 more requests (--json names all)',
    ]);
  });
});
