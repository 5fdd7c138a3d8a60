import {stat} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {exitCodes} from '../../src/errors.js';
import {askedAgain} from './durable.js';
import {duckdbPlace} from './place.js';
import {lastRun, openScene} from './scene.js';

test('a disk that fills up while records land ends the run with 6 and advice, and it can be gone on with', async () => {
  const scene = await openScene(duckdbPlace);
  const {place, earlier, later, stateDir, emulator} = scene;
  const {size} = await stat(join(await lastRun(stateDir), 'users', 'records.ndjson'));
  await scene.reset();
  const {exitCode, stderr} = await scene.start([], undefined, Math.floor(size / 2048)).ended;
  expect({exitCode, stderr}).toMatchObject({exitCode: exitCodes.destination});
  // The limit holds for the DuckDB file too, as a disk that is full is full for all: the last line must not hide what was not read.
  const hint = /Not read: users\. Go on with the same command and --resume (\S+): only what is missing is asked for\.$/;
  expect(stderr).toMatch(hint);
  expect((await place.readAll()).get('users')).toEqual(earlier.get('users'));
  const durable = await scene.durable();
  expect(durable.some(request => request.startsWith('/manage/v1/user?'))).toBe(true);
  const before = emulator.requests.length;
  expect(await scene.run('--resume')).toMatchObject({exitCode: 0});
  const asked = scene.asked(before);
  expect(askedAgain(asked, durable)).toEqual([]);
  expect(asked.length).toBeGreaterThan(0);
  expect(await place.readAll()).toEqual(later);
});
