import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Emulator, EmulatorOptions} from '../../src/emulator/index.js';
import {IncompleteError, RejectedError, ResponseError} from '../../src/errors.js';
import type {DoceboOptions} from '../../src/source/docebo.js';
import {Extractor} from '../../src/source/tables/extract.js';
import type {SpooledTable} from '../../src/spool/format.js';
import {readRecords} from '../../src/spool/read-records.js';
import type {SentRecord, Table} from '../../src/table.js';
import {tables} from '../../tables/index.js';
import {parseAll} from '../helpers/records.js';
import {emulate, open} from './tenant.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-ingest-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true});
});

const always = Number.POSITIVE_INFINITY;

function tableNamed(name: string): Table {
  const table = tables.find(candidate => candidate.name === name);
  if (table === undefined) throw new TypeError(`No table ${name}.`);
  return table;
}

async function prepare(options: EmulatorOptions = {}, doceboOptions: DoceboOptions = {}) {
  const emulator = await emulate(options);
  const docebo = open(emulator.url, doceboOptions);
  const extractor = new Extractor({...docebo, runFolder: folder, driftRetries: 2, accept: {}});
  return {
    emulator,
    client: docebo.client,
    extract: async (name: string) => extractor.extract(tableNamed(name)),
    failure: async (name: string) =>
      extractor.extract(tableNamed(name)).then(
        () => {
          throw new TypeError(`${name} was extracted.`);
        },
        (error: unknown) => error,
      ),
  };
}

async function recordsOf(spooled: SpooledTable): Promise<readonly SentRecord[]> {
  return parseAll(readRecords(spooled));
}

/** In an order of their own: pages land as they come. */
const sorted = (records: Iterable<SentRecord>): readonly string[] =>
  [...records].map(record => JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();

/** Paths asked, without their queries, with how often. */
function asked({requests}: Emulator): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const {path} of requests) {
    const [pathname = ''] = path.split('?');
    counts[pathname] = (counts[pathname] ?? 0) + 1;
  }
  return counts;
}

const truth = (emulator: Emulator, table: string) => [...emulator.truth(table)];

describe('every table comes whole, whatever the tenant serves', () => {
  test.each<EmulatorOptions>([
    {users: 300},
    {bulkEnrollments: false, sessionsRoute: 'map'},
    {flattenedOrgChart: false, flatCategories: true, groups: 'legacy', users: 450},
  ])('%j', async options => {
    const {emulator, extract} = await prepare(options);
    const came: Record<string, number> = {};
    for (const {name} of tables) came[name] = (await recordsOf((await extract(name)).spooled)).length;
    expect(came).toEqual(Object.fromEntries(tables.map(({name}) => [name, truth(emulator, name).length])));
    const users = await extract('users');
    expect(sorted(await recordsOf(users.spooled))).toEqual(sorted(truth(emulator, 'users')));
  });
});

describe('requests are as few as can be', () => {
  test.each([
    [450, 3],
    [400, 2],
    [401, 3],
    [50, 1],
  ])('%i users in pages of 200 are %i, and a token', async (users, calls) => {
    const {emulator, client, extract} = await prepare({users});
    const count = truth(emulator, 'users').length;
    const {spooled, requests} = await extract('users');
    expect({records: spooled.records, requests, data: client.counts.requests, tokens: client.tokenRequests}).toEqual({
      records: count,
      requests: calls,
      data: calls,
      tokens: 1,
    });
    expect(asked(emulator)).toEqual({'/oauth2/token': 1, '/manage/v1/user': calls});
  });

  test('a table asked for many times at once is read once', async () => {
    const {emulator, extract} = await prepare();
    const extractions = await Promise.all(Array.from({length: 5}, async () => extract('users')));
    expect(new Set(extractions).size).toBe(1);
    expect(asked(emulator)).toEqual({'/oauth2/token': 1, '/manage/v1/user': 1});
  });

  test('a parent of several children is listed once', async () => {
    const {emulator, extract} = await prepare({users: 300, bulkEnrollments: false});
    await Promise.all(['sessions', 'course_learning_objects', 'course_enrollments', 'courses'].map(extract));
    const pages = Math.ceil(truth(emulator, 'courses').length / 200);
    expect(asked(emulator)['/learn/v1/courses']).toBe(pages);
  });

  test('a table of other records costs none', async () => {
    const {emulator, extract} = await prepare();
    await extract('course_learning_objects');
    const before = emulator.requests.length;
    const {spooled, route, requests} = await extract('polls');
    expect({records: spooled.records, route, requests}).toEqual({
      records: truth(emulator, 'polls').length,
      route: 'derived from course_learning_objects',
      requests: 0,
    });
    expect(emulator.requests.length).toBe(before);
  });
});

describe('the next route is taken', () => {
  test('for the enrolments, course by course, if those of all courses are refused', async () => {
    const {emulator, extract} = await prepare({bulkEnrollments: false});
    const {spooled, route, warnings} = await extract('course_enrollments');
    expect({records: spooled.records, route, warnings}).toEqual({
      records: truth(emulator, 'course_enrollments').length,
      route: '/course/v1/courses/{course_id}/enrollments',
      warnings: ['/course/v1/courses/enrollments is not served here (403).'],
    });
  });

  test('for sessions that come as a map', async () => {
    const {emulator, extract} = await prepare({users: 300, sessionsRoute: 'map'});
    const {spooled, route} = await extract('sessions');
    expect({records: spooled.records, route}).toEqual({
      records: truth(emulator, 'sessions').length,
      route: '/learn/v1/courses/{course_id}/sessions',
    });
  });

  test('and every node of a tree is walked if the flat list is not honoured', async () => {
    const {emulator, extract} = await prepare({users: 300, flattenedOrgChart: false});
    const {spooled} = await extract('branches');
    const branches = truth(emulator, 'branches').map(({path: _, ...sent}) => sent);
    const inner = branches.filter(branch => branch['has_children'] === true).length;
    expect(sorted(await recordsOf(spooled))).toEqual(sorted(branches));
    expect(asked(emulator)['/manage/v1/orgchart']).toBeGreaterThanOrEqual(inner);
  });

  test('but one list is enough for a tree that comes whole', async () => {
    const {emulator, extract} = await prepare({users: 300});
    await extract('branches');
    expect(asked(emulator)['/manage/v1/orgchart']).toBe(Math.ceil(truth(emulator, 'branches').length / 200));
  });
});

describe('a table is refused', () => {
  test('if its pages never fit together, with the pages that do not', async () => {
    const shift = {match: /user\?.*page=2/, kind: 'shift', by: 150, times: always} as const;
    const {failure} = await prepare({users: 450, faults: [shift]});
    const error = await failure('users');
    expect(error).toBeInstanceOf(IncompleteError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/do not fit together, though they were read again: page \d/),
      missing: expect.arrayContaining([expect.stringMatching(/^GET .manage.v1.user\?.*page=\d&/)]),
    });
  });

  test('if one child list among many is forbidden', async () => {
    const {failure} = await prepare({faults: [{match: /courses\/\d+\/los/, kind: 'status', status: 403, after: 3}]});
    const error = await failure('course_learning_objects');
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({status: 403});
  });

  test('if a child list is refused on a later page, for what came of it is not whole', async () => {
    const {failure} = await prepare(
      {bulkEnrollments: false, faults: [{match: /\d\/enrollments\?.*page=2&/, kind: 'status', status: 404}]},
      {pageSize: 3},
    );
    const error = await failure('course_enrollments');
    expect(error).toBeInstanceOf(IncompleteError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^A list of course_enrollments broke off after \d+ records: .* with 404/),
      cause: expect.any(RejectedError),
    });
  });

  test('if its parent is, and says so', async () => {
    const {failure} = await prepare({faults: [{match: 'courses', kind: 'status', status: 403, times: always}]});
    const error = await failure('course_learning_objects');
    expect(error).toBeInstanceOf(IncompleteError);
    expect(error).toMatchObject({
      message: expect.stringContaining('course_learning_objects needs courses, which could not be read'),
      cause: expect.any(RejectedError),
    });
  });

  test('if a page is an error in a success', async () => {
    const {failure} = await prepare({faults: [{match: '/manage/v1/user', kind: 'error-body', times: always}]});
    const error = await failure('users');
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject({message: expect.stringContaining('gave an error in a success')});
  });

  test('if every one of its parents has vanished', async () => {
    const {failure} = await prepare({
      faults: [{match: /courses\/\d+\/los/, kind: 'status', status: 404, times: always}],
    });
    expect(await failure('course_learning_objects')).toBeInstanceOf(IncompleteError);
  });

  test('if no route is served', async () => {
    const {failure, emulator} = await prepare({
      faults: [{match: '/manage/v1/user', kind: 'status', status: 403, times: always}],
    });
    const error = await failure('users');
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({status: 403});
    expect(asked(emulator)).toEqual({'/oauth2/token': 1, '/manage/v1/user': 1});
  });
});

test('a parent that vanished meanwhile is asked once more, tolerated, counted and told', async () => {
  const {emulator, extract} = await prepare({
    faults: [{match: /courses\/(112|118)\/los/, kind: 'status', status: 404, times: always}],
  });
  const {tolerated, spooled} = await extract('course_learning_objects');
  const refused = emulator.requests.filter(({status}) => status === 404).map(({path}) => `GET ${path}`);
  expect(refused).toHaveLength(4);
  const gone = [...new Set(refused)];
  expect(tolerated).toEqual([
    {
      status: 404,
      reason: 'The course was deleted after the courses were listed.',
      count: 2,
      requests: expect.arrayContaining(gone),
    },
  ]);
  const courses = new Set(gone.map(request => /courses\/(\d+)\//.exec(request)?.[1]));
  const left = truth(emulator, 'course_learning_objects').filter(record => !courses.has(String(record['course_id'])));
  expect(spooled.records).toBe(left.length);
});

test('the count of requests of a table holds its retries', async () => {
  const {extract, client} = await prepare({
    users: 450,
    faults: [
      {match: '/manage/v1/user', kind: 'truncated'},
      {match: '/manage/v1/user', kind: 'status', status: 503, after: 1},
    ],
  });
  const {requests} = await extract('users');
  expect({requests, all: client.counts}).toEqual({requests: 5, all: {requests: 5, retries: 2, rateLimited: 0}});
});
