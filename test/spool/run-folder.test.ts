import {execFileSync} from 'node:child_process';
import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {DestinationError} from '../../src/errors.js';
import {openRunFolder} from '../../src/spool/run-folder.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-ingest-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true});
});

const now = new Date('2026-11-23T06:15:00.123Z');
const tenant = 'https://acme.docebosaas.com';

async function leave(name: string, content: string): Promise<void> {
  await mkdir(join(folder, 'runs', name), {recursive: true});
  await writeFile(join(folder, 'runs', name, 'run.json'), content);
}

test('a run has a folder of its own that says whose it is, until it is removed', async () => {
  const run = await openRunFolder(folder, tenant, now);
  expect(run.loadId).toMatch(/^20261123T061500Z-[0-9a-f]{6}$/);
  expect(run.path).toBe(join(folder, 'runs', run.loadId));
  expect(JSON.parse(await readFile(join(run.path, 'run.json'), 'utf8'))).toEqual({
    loadId: run.loadId,
    tenant,
    pid: process.pid,
  });
  await run.remove();
  expect(await readdir(join(folder, 'runs'))).toEqual([]);
});

test('what a dead process left is removed, and what is alive or unknown is kept', async () => {
  const dead = Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString());
  await leave('dead', JSON.stringify({pid: dead}));
  await leave('alive', JSON.stringify({pid: process.pid}));
  await leave('unknown', '{"pid":');
  const {loadId} = await openRunFolder(folder, tenant, now);
  expect((await readdir(join(folder, 'runs'))).sort()).toEqual([loadId, 'alive', 'unknown'].sort());
});

test('a state folder that cannot be used is refused by its name', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const failure = openRunFolder(file, tenant, now);
  await expect(failure).rejects.toThrow(DestinationError);
  await expect(failure).rejects.toThrow(`The state folder ${file} cannot be used`);
});
