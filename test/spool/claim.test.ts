import {mkdtemp, readdir, rm, stat, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {claim, isAbandoned, type Release} from '../../src/spool/claim.js';
import {markProcess, type ProcessMark} from '../../src/spool/run-record.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-claim-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true});
});

const dead: ProcessMark = {pid: process.pid, startTime: 'never'};
const write = async (name: string, mark: object | null) =>
  writeFile(join(folder, name), mark === null ? '' : JSON.stringify(mark));
const isHeld = (result: Release | ProcessMark): result is Release => typeof result === 'function';

describe('a claim', () => {
  test('keeps others off until it is released, and says who holds it', async () => {
    const release = await claim(folder);
    expect(await claim(folder)).toEqual(await markProcess(process.pid));
    expect(await isAbandoned(folder)).toBe(false);
    if (!isHeld(release)) throw new Error('It was not given.');
    await release();
    expect(await isAbandoned(folder)).toBe(true);
    expect(isHeld(await claim(folder))).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['claim-1', 'claim-1.over', 'claim-2']);
    expect((await stat(join(folder, 'claim-2'))).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['a process that is gone', dead],
    ['a process that is gone, cut short', null],
  ])('of %s is taken over by one of many', async (_, mark) => {
    await write('claim-7', mark);
    await utimes(join(folder, 'claim-7'), 0, 0);
    expect(await isAbandoned(folder)).toBe(true);
    const results = await Promise.all(Array.from({length: 20}, async () => claim(folder)));
    expect(results.filter(isHeld).length).toBe(1);
  });

  test('that is just being written holds', async () => {
    await write('claim-1', null);
    expect(isHeld(await claim(folder))).toBe(false);
  });

  test('goes from hand to hand, and is never in two', async () => {
    let [holders, most, turns] = [0, 0, 0];
    const work = async () => {
      while (turns < 200) {
        const release = await claim(folder);
        if (!isHeld(release)) continue;
        most = Math.max(most, ++holders);
        turns++;
        await stat(folder);
        holders--;
        await release();
      }
    };
    await Promise.all(Array.from({length: 8}, work));
    expect(most).toBe(1);
  });

  test('cannot be made in a folder that is not there, which was never claimed', async () => {
    await expect(claim(join(folder, 'gone'))).rejects.toThrow('ENOENT');
    expect(await isAbandoned(folder)).toBe(false);
  });
});
