import {execFileSync} from 'node:child_process';
import {mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {DestinationError} from '../../src/errors.js';
import type {PageFacts} from '../../src/spool/format.js';
import {linesFromRecords, linesFromSpans} from '../../src/spool/lines.js';
import {readRecords} from '../../src/spool/read-records.js';
import {TableSpool} from '../../src/spool/table-spool.js';
import {parseAll} from '../helpers/records.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-ingest-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true});
});

const read = async (file: string) => readFile(join(folder, 'users', file), 'utf8');
const manifest = async (): Promise<readonly Record<string, unknown>[]> =>
  (await read('manifest.ndjson'))
    .trimEnd()
    .split('\n')
    .map(line => {
      const {checksum, ...rest} = JSON.parse(line);
      expect(checksum).toEqual(expect.any(Number));
      return rest;
    });
const page = (records: readonly Record<string, unknown>[], declared: readonly string[] = []) =>
  linesFromRecords(records, new Set(declared));

describe('lines', () => {
  test('are the bytes of the records as sent, led by their page', () => {
    const bytes = Buffer.from('[{"id" : "1"}, {},{ "é":[1 ,2]}  ,{  }]');
    const text = bytes.toString();
    const spans = ['{"id" : "1"}', '{}', '{ "é":[1 ,2]}', '{  }'].flatMap(record => {
      const start = Buffer.byteLength(text.slice(0, text.indexOf(record)));
      return [start, start + Buffer.byteLength(record)];
    });
    const lines = linesFromSpans({bytes, spans, undeclared: {}, repeated: [], notes: new Map()});
    expect({records: lines.records, text: lines.encode(12).toString()}).toEqual({
      records: 4,
      text: ['{"id" : "1"}', '{}', '{ "é":[1 ,2]}', '{  }'].map(sent => `{"page":12,"record":${sent}}\n`).join(''),
    });
  });

  test('of no record are nothing', () => {
    expect(
      linesFromSpans({bytes: Buffer.from('[]'), spans: [], undeclared: {}, repeated: [], notes: new Map()})
        .encode(1)
        .toString(),
    ).toBe('');
  });

  test('of records that were made tell what no column declares', () => {
    const lines = page(
      [
        {id: 1, a: null, b: 1.5, c: 'x'},
        {id: 2, a: [], b: 2, c: 'y', d: {}, e: true},
      ],
      ['id'],
    );
    expect({undeclared: lines.undeclared, text: lines.encode(3).toString()}).toEqual({
      undeclared: {a: ['null', 'array'], b: ['number', 'integer'], c: ['string'], d: ['object'], e: ['boolean']},
      text: [
        '{"page":3,"record":{"id":1,"a":null,"b":1.5,"c":"x"}}\n',
        '{"page":3,"record":{"id":2,"a":[],"b":2,"c":"y","d":{},"e":true}}\n',
      ].join(''),
    });
  });
});

describe('a spool', () => {
  test('holds each record once, and a manifest that ends where the records do', async () => {
    const spool = await TableSpool.open(folder, 'users');
    await spool.land({
      lines: page([{id: 1}, {id: 2}]),
      request: 'GET /users?page=1',
      bound: {},
      facts: null,
      state: 0,
      sentAfter: 0,
    });
    await spool.land({
      lines: page([]),
      request: 'GET /users?page=2',
      bound: {group_id: 'a'},
      facts: null,
      state: 0,
      sentAfter: 0,
    });
    await spool.land({
      lines: page([{id: 'é'}]),
      request: 'GET /users?page=3',
      bound: {},
      facts: null,
      state: 0,
      sentAfter: 0,
    });
    expect(spool.count).toBe(3);
    const spooled = await spool.complete({total: 3, moved: false, route: '/users'});
    const lines = ['{"page":1,"record":{"id":1}}', '{"page":1,"record":{"id":2}}', '{"page":3,"record":{"id":"é"}}'];
    expect(await read('records.ndjson')).toBe(lines.map(line => `${line}\n`).join(''));
    const extracted_at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const common = {
      type: 'page',
      bound: {},
      facts: null,
      pass: 0,
      state: 0,
      sent_after: 0,
      extracted_at,
      exact: [],
      mended: [],
      repeated: [],
    };
    expect(await manifest()).toEqual([
      {
        ...common,
        page: 1,
        request: 'GET /users?page=1',
        records: 2,
        end_offset: 58,
        longest_line: 28,
        undeclared: {id: ['integer']},
      },
      {
        ...common,
        page: 2,
        request: 'GET /users?page=2',
        bound: {group_id: 'a'},
        records: 0,
        end_offset: 58,
        longest_line: 0,
        undeclared: {},
      },
      {
        ...common,
        page: 3,
        request: 'GET /users?page=3',
        records: 1,
        end_offset: 90,
        longest_line: 31,
        undeclared: {id: ['string']},
      },
      {type: 'complete', records: 3, pages: 3, total: 3, moved: false, route: '/users', warnings: []},
    ]);
    expect(spooled).toEqual({
      name: 'users',
      recordsFile: join(folder, 'users', 'records.ndjson'),
      manifestFile: join(folder, 'users', 'manifest.ndjson'),
      records: 3,
      total: 3,
      moved: false,
      undeclared: new Map([['id', new Set(['integer', 'string'])]]),
      exact: new Set(),
      mended: new Set(),
      repeated: new Set(),
      bound: new Set(['group_id']),
      longestLine: 31,
      readAt: (await manifest())[0]?.['extracted_at'],
    });
  });

  test('that takes many pages at once numbers them in order and writes each where the manifest says', async () => {
    const spool = await TableSpool.open(folder, 'users');
    await Promise.all(
      Array.from({length: 200}, async (_, index) =>
        spool.land({
          lines: page([{index, text: 'x'.repeat(index)}]),
          request: `GET /${index}`,
          bound: {},
          facts: null,
          state: 0,
          sentAfter: 0,
        }),
      ),
    );
    await spool.complete({total: null, moved: false, route: '/users'});
    const bytes = await readFile(join(folder, 'users', 'records.ndjson'));
    const pages = (await manifest()).slice(0, -1);
    let from = 0;
    for (const [index, {page: number, request, end_offset: to}] of pages.entries()) {
      expect({number, request}).toEqual({number: index + 1, request: `GET /${index}`});
      const line = bytes.toString('utf8', from, Number(to));
      expect(JSON.parse(line)).toEqual({page: index + 1, record: {index, text: 'x'.repeat(index)}});
      from = Number(to);
    }
    expect({pages: pages.length, end: from}).toEqual({pages: 200, end: bytes.length});
  });

  test('says a page is landed only once it stands in both files', async () => {
    const spool = await TableSpool.open(folder, 'users');
    await spool.land({lines: page([{id: 1}]), request: 'GET /', bound: {}, facts: null, state: 0, sentAfter: 0});
    expect({records: await read('records.ndjson'), pages: (await manifest()).length}).toEqual({
      records: '{"page":1,"record":{"id":1}}\n',
      pages: 1,
    });
    await spool.close();
  });

  test('that only accepts its pages has all of them when it is complete, in order', async () => {
    const spool = await TableSpool.open(folder, 'users');
    const accept = async (id: number) =>
      spool.accept({lines: page([{id}]), request: `GET /${id}`, bound: {}, facts: null, state: 0, sentAfter: 0});
    for (let id = 1; id <= 100; id++) await accept(id);
    const spooled = await spool.complete({total: 100, moved: false, route: '/users'});
    expect(spooled.records).toBe(100);
    const ids = (await parseAll(readRecords(spooled))).map(({id}) => id);
    expect(ids).toEqual(Array.from({length: 100}, (_, index) => index + 1));
  });

  test('that could not write a page it had accepted is not completed', async () => {
    const spool = await TableSpool.open(folder, 'users');
    await spool.close();
    await spool.accept({lines: page([{id: 1}]), request: 'GET /', bound: {}, facts: null, state: 0, sentAfter: 0});
    await expect(spool.complete({total: 1, moved: false, route: '/users'})).rejects.toThrow(DestinationError);
  });

  test('of no page is complete and empty', async () => {
    const spool = await TableSpool.open(folder, 'users');
    const spooled = await spool.complete({total: 0, moved: false, route: '/users'});
    expect(spooled.records).toBe(0);
    expect(await manifest()).toEqual([
      {type: 'complete', records: 0, pages: 0, total: 0, moved: false, route: '/users', warnings: []},
    ]);
    expect(await read('records.ndjson')).toBe('');
  });

  test('gives its records back with what was bound, whatever they say of it themselves', async () => {
    const spool = await TableSpool.open(folder, 'users');
    await spool.land({
      lines: page([{id: 1}, {id: 2, group: 'own'}]),
      request: 'GET /',
      bound: {group: 'a'},
      facts: null,
      state: 0,
      sentAfter: 0,
    });
    await spool.land({
      lines: page([{id: 3, text: 'a\u2028b\u0085c'}]),
      request: 'GET /',
      bound: {group: 'b'},
      facts: null,
      state: 0,
      sentAfter: 0,
    });
    const spooled = await spool.complete({total: null, moved: false, route: '/users'});
    expect(await parseAll(readRecords(spooled))).toEqual([
      {id: 1, group: 'a'},
      {id: 2, group: 'a'},
      {id: 3, group: 'b', text: 'a\u2028b\u0085c'},
    ]);
  });

  test('is for the eyes of its owner alone', async () => {
    const spool = await TableSpool.open(folder, 'users');
    await spool.close();
    const modes = await Promise.all(
      ['.', 'records.ndjson', 'manifest.ndjson'].map(
        async name => (await stat(join(folder, 'users', name))).mode & 0o777,
      ),
    );
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });
});

describe('a spool that cannot be written', () => {
  test('is refused where its folder cannot be', async () => {
    await writeFile(join(folder, 'file'), '');
    const failure = TableSpool.open(join(folder, 'file'), 'users');
    await expect(failure).rejects.toThrow(DestinationError);
    await expect(failure).rejects.toMatchObject({
      message: expect.stringContaining(`The spool in ${join(folder, 'file', 'users')} cannot be written`),
      hint: expect.stringContaining('--state-dir'),
    });
  });

  test('refuses every page that waits', async () => {
    const spool = await TableSpool.open(folder, 'users');
    await spool.close();
    const landings = await Promise.allSettled(
      [1, 2, 3].map(async id =>
        spool.land({lines: page([{id}]), request: 'GET /', bound: {}, facts: null, state: 0, sentAfter: 0}),
      ),
    );
    expect(landings.map(landing => landing.status === 'rejected' && landing.reason)).toEqual([
      expect.any(DestinationError),
      expect.any(DestinationError),
      expect.any(DestinationError),
    ]);
  });

  test.skipIf(process.platform !== 'linux').each(['records.ndjson', 'manifest.ndjson'])(
    'refuses a page if the disk is full: %s',
    async file => {
      await mkdir(join(folder, 'users'));
      await symlink('/dev/full', join(folder, 'users', file));
      const spool = await TableSpool.open(folder, 'users');
      const landing = spool.land({
        lines: page([{id: 1}]),
        request: 'GET /',
        bound: {},
        facts: null,
        state: 0,
        sentAfter: 0,
      });
      await expect(landing).rejects.toThrow(DestinationError);
      await expect(landing).rejects.toMatchObject({message: expect.stringContaining('ENOSPC')});
      await spool.close();
    },
  );

  test.skipIf(process.platform !== 'linux')('refuses a page of which only a part fits', async () => {
    const limitFiles = (bytes: string) => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
    const spool = await TableSpool.open(folder, 'users');
    limitFiles('4096');
    const landing = spool.land({
      lines: page([{text: 'x'.repeat(6000)}]),
      request: 'GET /',
      bound: {},
      facts: null,
      state: 0,
      sentAfter: 0,
    });
    const refused = await landing.catch((error: unknown) => error).finally(() => limitFiles('unlimited'));
    expect(refused).toBeInstanceOf(DestinationError);
    expect(refused).toMatchObject({message: expect.stringMatching(/only 4096 of 60\d\d bytes could be written/)});
    expect(await read('manifest.ndjson')).toBe('');
    await spool.close();
  });

  test('is not completed', async () => {
    const spool = await TableSpool.open(folder, 'users');
    await spool.close();
    await expect(spool.complete({total: 0, moved: false, route: '/users'})).rejects.toThrow(DestinationError);
  });
});

const ofPage: PageFacts = {
  number: 1,
  sent: 2,
  total: 2,
  total_pages: 1,
  count: 2,
  current_page: 1,
  page_size: 200,
  has_more: false,
  blank: null,
  fingerprint: 'x',
};

test.each([
  ['records that were derived are made anew', null, [0, 2]],
  ['records that were sent are kept', ofPage, [2, 4]],
] as const)('where a table may be derived, %s', async (_, facts, counts) => {
  const land = async (spool: TableSpool) =>
    spool.land({lines: page([{id: 1}, {id: 2}]), request: 'r', bound: {}, facts, state: 0, sentAfter: 0});
  const first = await TableSpool.open(folder, 'users', {keepsDerived: false});
  await land(first);
  await first.close();
  const second = await TableSpool.open(folder, 'users', {keepsDerived: false});
  const before = second.count;
  await land(second);
  const {records} = await second.complete({route: 'r', total: null, moved: false});
  expect([before, records]).toEqual(counts);
  const again = await TableSpool.open(folder, 'users');
  expect(again.before.completed?.records).toBe(records);
  await again.close();
});
