import {describe, expect, it} from 'vitest';
import {formatConcerns, formatReport} from '../../src/cli/print-report.js';
import type {Report, TableReport} from '../../src/report.js';

const users: TableReport = {
  table: 'users',
  destination: 'dest.users',
  status: 'published',
  route: '/manage/v1/user',
  rows: 1200,
  requests: 6,
  plannedRequests: 5,
  seconds: 1.26,
  invalidDates: {creation_date: 3, last_update: 1},
  castFailures: {},
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
    hint: 'Run again.',
  },
};

describe('the report', () => {
  it('is a table and a sentence', () => {
    expect(formatReport(report)).toBe(
      [
        'table  destination  status      rows  planned  requests  seconds  dates normalised',
        'users  dest.users   published  1,200        5         6      1.3                 4',
        '',
        '1 of 1 table published: 1,200 rows, 6 requests, 1.5 s. Load 01.',
        '',
      ].join('\n'),
    );
  });

  it('has nothing to add about a clean run', () => {
    expect(formatConcerns(report)).toBe('');
  });

  it('names everything that was not clean', () => {
    const table: TableReport = {
      ...users,
      castFailures: {role_id: 1},
      undeclared: {shoe_size: ['integer', 'null']},
      tolerated: [{status: 404, reason: 'The course was deleted.', count: 2, requests: []}],
      warnings: ['no rows'],
    };
    expect(formatConcerns({...report, tables: [table]})).toBe(
      [
        'users.role_id: 1 value did not fit the column and became NULL',
        'users: 1 undeclared key (shoe_size)',
        'users: 2 lists answered 404: The course was deleted.',
        'users: no rows',
        '',
      ].join('\n'),
    );
  });

  const lastLine = (changes: Partial<Report>) =>
    formatConcerns({...report, exitCode: 7, ...changes})
      .trimEnd()
      .split('\n')
      .at(-1);
  const failed = 'docebo-ingest: 1 of 2 tables not published, the earlier version is kept: courses. Run again.';

  it('ends with what failed and what to do next', () => {
    expect(lastLine({tables: [users, kept]})).toBe(`${failed} Run the same command again.`);
  });

  it('ends with how to ask only for what is missing, if a table was not read to its end', () => {
    expect(lastLine({tables: [users, {...kept, route: null}], resumable: true})).toBe(
      `${failed} The same command with --resume 01 asks only for what is missing.`,
    );
  });

  it('ends with how to load what was read, if only publishing it was refused', () => {
    expect(lastLine({tables: [users, kept], resumable: true})).toBe(
      `${failed} What was read is kept: docebo-ingest load 01`,
    );
  });

  it('names the requests that are missing, and how many more there are', () => {
    const missing = Array.from({length: 7}, (_, page) => `GET /courses?page=${page + 1}`);
    const table: TableReport = {
      ...kept,
      error: {name: 'IncompleteError', code: 'E', exitCode: 7, message: 'No.', missing},
    };
    expect(formatConcerns({...report, tables: [table]}).split('\n')).toEqual([
      'courses: No.',
      ...missing.slice(0, 5).map(request => `courses: missing: ${request}`),
      'courses: missing: 2 more requests (--json names all)',
      '',
    ]);
  });
});
