import {execFileSync} from 'node:child_process';
import {mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {defaultChoices} from '../../src/choices.js';
import {DestinationError, UsageError} from '../../src/errors.js';
import {markProcess, type ProcessMark} from '../../src/process-mark.js';
import {linesFromRecords} from '../../src/spool/lines.js';
import {createRun, type RunFacts, type RunFolder, resumeRun} from '../../src/spool/run-folder.js';
import {spoolVersion} from '../../src/spool/run-record.js';
import {listRuns, pruneRuns} from '../../src/spool/runs.js';
import {TableSpool} from '../../src/spool/table-spool.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-ingest-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true});
});

const start = Date.UTC(2026, 10, 23, 6, 15);
const facts: RunFacts = {
  tenant: 'https://acme.docebosaas.com',
  pageSize: 200,
  loads: [{table: 'users', schema: null, name: 'users'}],
  destination: {scheme: 'duckdb', path: '/tmp/x.duckdb'},
  choices: defaultChoices,
};

const create = async (minute = 0, more: Partial<RunFacts> = {}): Promise<RunFolder> =>
  createRun(folder, {...facts, ...more}, new Date(start + minute * 60_000));
const names = async (): Promise<readonly string[]> => readdir(join(folder, 'runs'));

async function land({path}: RunFolder, table = 'users', isComplete = false): Promise<void> {
  const spool = await TableSpool.open(path, table);
  const lines = linesFromRecords([{user_id: 1}], new Set());
  await spool.land({lines, request: 'GET /users', bound: {}, facts: null, state: 0, sentAfter: 0});
  if (isComplete) await spool.complete({total: 1, moved: false, route: '/users'});
  else await spool.close();
}

/** Makes a run look like that of a process that was killed. */
async function kill(run: RunFolder): Promise<void> {
  const pid = Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString());
  await handTo(run, {...(await markProcess()), pid, startTime: '1'});
}

/** Makes a run look like that of another process. */
async function handTo({path}: RunFolder, mark: ProcessMark): Promise<void> {
  await writeFile(join(path, 'claim-1'), `${JSON.stringify(mark)}\n`);
}

describe('a run', () => {
  test('has a folder of its own that says whose it is, for the eyes of its owner alone', async () => {
    const run = await create();
    expect(run.loadId).toMatch(/^20261123T061500Z-[0-9a-f]{6}$/);
    expect(run.path).toBe(join(folder, 'runs', run.loadId));
    expect(JSON.parse(await readFile(join(run.path, 'run.json'), 'utf8'))).toEqual({
      version: spoolVersion,
      loadId: run.loadId,
      ...facts,
      startedAt: '2026-11-23T06:15:00.000Z',
      sequence: 1,
      ended: null,
    });
    expect((await stat(run.path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(run.path, 'run.json'))).mode & 0o777).toBe(0o600);
  });

  test('leaves nothing behind if nothing landed', async () => {
    const run = await create();
    await run.end('failed', 3);
    expect(await names()).toEqual([]);
  });

  test('keeps what landed, and of earlier runs as many as are wanted', async () => {
    const runs = [];
    for (const minute of [0, 1, 2, 3]) {
      const run = await create(minute);
      await land(run);
      await run.end('incomplete', 3);
      runs.push(run.loadId);
    }
    expect([...(await names())].sort()).toEqual(runs.slice(1));
    await pruneRuns(folder, 0);
    expect(await names()).toEqual([]);
  });

  test('is the last one to have begun, whatever a clock that was ahead has dated before', async () => {
    const ahead = await createRun(folder, facts, new Date('2099-01-01T00:00:00Z'));
    await land(ahead);
    await ahead.end('incomplete', 3);
    for (const minute of [0, 1, 2]) {
      const run = await create(minute);
      await land(run);
      await run.end('incomplete', 3);
      expect((await listRuns(folder))[0]?.record.loadId).toBe(run.loadId);
      expect((await resumeRun(folder, null, facts)).loadId).toBe(run.loadId);
      await run.end('incomplete', 3);
    }
    expect(await names()).not.toContain(ahead.loadId);
  });

  test('that goes on is not removed, nor is what is no run', async () => {
    const run = await create();
    await land(run);
    await mkdir(join(folder, 'runs', 'unknown'));
    await writeFile(join(folder, 'runs', 'unknown', 'run.json'), '{"loadId":');
    await pruneRuns(folder, 0);
    expect([...(await names())].sort()).toEqual([run.loadId, 'unknown'].sort());
  });

  test('that was killed before it could say whose it is, and one that is half removed, are removed', async () => {
    const run = await create();
    await kill(run);
    await rm(join(run.path, 'run.json'));
    await mkdir(join(folder, 'runs', '20261123T061600Z-000000.discarded', 'users'), {recursive: true});
    await pruneRuns(folder, 3);
    expect(await names()).toEqual([]);
  });

  test('is refused by the name of a state folder that cannot be used', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const failure = createRun(file, facts, new Date(start));
    await expect(failure).rejects.toThrow(DestinationError);
    await expect(failure).rejects.toThrow(`The state folder ${file} cannot be used`);
  });
});

describe('runs are listed', () => {
  test('the latest first, with their state, size and what is complete', async () => {
    const [published, killed, running] = [await create(0), await create(1), await create(2)];
    await land(published, 'users', true);
    await published.end('published', 3);
    await land(killed);
    await kill(killed);
    await land(running, 'groups', true);
    const runs = await listRuns(folder);
    expect(runs.map(({record, state, tables}) => ({id: record.loadId, state, tables: [...tables.values()]}))).toEqual([
      {id: running.loadId, state: 'running', tables: [{complete: true, records: 1}]},
      {id: killed.loadId, state: 'killed', tables: [{complete: false, records: 1}]},
      {id: published.loadId, state: 'published', tables: [{complete: true, records: 1}]},
    ]);
    for (const {bytes} of runs) expect(bytes).toBeGreaterThan(100);
  });

  test('as none where there is no folder', async () => {
    expect(await listRuns(join(folder, 'nowhere'))).toEqual([]);
  });
});

describe('a run is resumed', () => {
  test('by its load id, or as the last that did not end well', async () => {
    const [first, second, good] = [await create(0), await create(1), await create(2)];
    for (const run of [first, second, good]) await land(run);
    await first.end('incomplete', 3);
    await kill(second);
    await good.end('published', 3);
    expect((await resumeRun(folder, first.loadId, facts)).loadId).toBe(first.loadId);
    expect((await resumeRun(folder, null, facts)).loadId).toBe(second.loadId);
  });

  test('even if its process had the number of this one, as in a container', async () => {
    const run = await create();
    await land(run);
    await handTo(run, {...(await markProcess()), startTime: '1'});
    expect((await resumeRun(folder, null, facts)).loadId).toBe(run.loadId);
  });

  test.each<[string, Partial<RunFacts>, RegExp]>([
    ['another tenant', {tenant: 'https://other.docebosaas.com'}, /it reads https:\/\/acme\.docebosaas\.com, not/],
    ['another page size', {pageSize: 100}, /its pages hold 200 records, not 100/],
    ['other tables', {loads: [{table: 'groups', schema: null, name: 'groups'}]}, /it reads the tables users/],
  ])('but not for %s', async (_, other, message) => {
    const run = await create();
    await land(run);
    await run.end('incomplete', 3);
    await expect(resumeRun(folder, run.loadId, {...facts, ...other})).rejects.toThrow(message);
    const last = resumeRun(folder, null, {...facts, ...other});
    await expect(last).rejects.toThrow('There is no run to resume');
    // Of another tenant's run nothing is told.
    if (other.tenant === undefined) await expect(last).rejects.toThrow(message);
  });

  test('but not from a spool of another version', async () => {
    const run = await create();
    await land(run);
    await run.end('incomplete', 3);
    const file = join(run.path, 'run.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/"version": \d+/, '"version": 99'));
    await expect(resumeRun(folder, run.loadId, facts)).rejects.toThrow('its spool has version 99');
  });

  test('by one alone of many that come at once', async () => {
    const run = await create();
    await land(run);
    await kill(run);
    const resumed = await Promise.allSettled(Array.from({length: 8}, async () => resumeRun(folder, null, facts)));
    expect(resumed.filter(({status}) => status === 'fulfilled').length).toBe(1);
    const refused = resumed.flatMap(result => (result.status === 'rejected' ? [String(result.reason)] : []));
    for (const reason of refused) expect(reason).toMatch(/is still running|There is no run to resume/);
  });

  test('but not while it goes on in another container, nor is it removed by a run that ends here', async () => {
    const run = await create();
    await land(run);
    await handTo(run, {pid: 1, startTime: '1', place: 'another container'});
    await expect(resumeRun(folder, run.loadId, facts)).rejects.toThrow('is still running, in another container');
    await pruneRuns(folder, 0);
    expect((await listRuns(folder)).map(({state}) => state)).toEqual(['running']);
    // A later run sees that it has not stirred since.
    const seen = join(run.path, 'claim-1.seen');
    for (const file of [seen, join(run.path, 'claim-1')]) await utimes(file, 0, 0);
    expect((await listRuns(folder)).map(({state}) => state)).toEqual(['killed']);
    await pruneRuns(folder, 0);
    expect(await names()).toEqual([]);
  });

  test('but not while it goes on', async () => {
    const run = await create();
    await land(run);
    await expect(resumeRun(folder, run.loadId, facts)).rejects.toThrow(`is still running, as process ${process.pid}`);
  });

  test.each(['nothing', '../../etc', ''])('but not one that is not there: %j', async loadId => {
    await expect(resumeRun(folder, loadId, facts)).rejects.toThrow(UsageError);
  });
});
