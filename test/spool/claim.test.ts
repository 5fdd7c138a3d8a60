import {once} from 'node:events';
import {mkdtemp, readdir, readFile, rm, stat, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, onTestFinished, test} from 'vitest';
import {DestinationError} from '../../src/errors.js';
import {markProcess} from '../../src/process-mark.js';
import {type Claim, claim, type Holder, isAbandoned, isHeld} from '../../src/spool/claim.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-claim-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true});
});

const write = async (name: string, mark: object | null) =>
  writeFile(join(folder, name), mark === null ? '' : `${JSON.stringify(mark)}\n`);
const isGiven = (result: Claim | Holder): result is Claim => 'release' in result;

async function take(): Promise<Claim> {
  const claimed = await claim(folder, undefined, fast);
  return isGiven(claimed) ? claimed : expect.fail('It was not given.');
}

/** Shows itself every few milliseconds, so that nobody has to wait long for it. */
const fast = {beatMs: 20, silenceMs: 2000, lookMs: 20};
const elsewhere = {pid: process.pid, startTime: '1', place: 'another container'};

describe('a claim', () => {
  test('keeps others off until it is released, and says who holds it', async () => {
    const {release} = await take();
    expect(await claim(folder)).toMatchObject({heldBy: await markProcess()});
    expect([await isAbandoned(folder), await isHeld(folder)]).toEqual([false, true]);
    await release();
    expect([await isAbandoned(folder), await isHeld(folder)]).toEqual([true, false]);
    await take();
    expect((await readdir(folder)).sort()).toEqual(['claim-1', 'claim-1.over', 'claim-2']);
    expect((await stat(join(folder, 'claim-2'))).mode & 0o777).toBe(0o600);
  });

  test('of a process that is gone is taken over at once by one of many', async () => {
    await write('claim-7', {...(await markProcess()), startTime: 'never'});
    expect(await isAbandoned(folder)).toBe(true);
    const results = await Promise.all(Array.from({length: 20}, async () => claim(folder)));
    expect(results.filter(isGiven).length).toBe(1);
  });

  test.each([
    ['of another container', elsewhere],
    ['that was cut short', null],
  ])('%s is taken over by one of many who were patient, once it is silent', async (_, mark) => {
    await write('claim-7', mark);
    expect(isGiven(await claim(folder))).toBe(false);
    let told = 0;
    const patience = {onWait: () => told++};
    const results = await Promise.all(
      Array.from({length: 5}, async () => claim(folder, patience, {...fast, silenceMs: 100})),
    );
    expect([results.filter(isGiven).length, told]).toEqual([1, 5]);
  });

  test.each([
    ['of another container', elsewhere],
    ['that was cut short', null],
  ])('%s is over for whoever sees that it has been silent since long ago', async (_, mark) => {
    await write('claim-7', mark);
    // Not at the first sight of it, however old the file.
    await utimes(join(folder, 'claim-7'), 0, 0);
    expect(await isAbandoned(folder)).toBe(false);
    expect(await isAbandoned(folder)).toBe(false);
    await utimes(join(folder, 'claim-7.seen'), 0, 0);
    expect(await isAbandoned(folder)).toBe(true);
    await writeFile(join(folder, 'claim-7'), '000000000001', {flag: 'a'});
    expect(await isAbandoned(folder)).toBe(false);
    expect(isGiven(await claim(folder))).toBe(false);
  });

  test('of another container that shows itself holds, whatever the clock says', async () => {
    await take();
    const file = join(folder, 'claim-1');
    const {place} = await markProcess();
    const there = (place ?? '').replaceAll(/\w/g, 'x');
    const text = (await readFile(file, 'utf8')).replace(JSON.stringify(place), JSON.stringify(there));
    await writeFile(file, text, {flag: 'r+'});
    const stop = setInterval(() => void utimes(file, 0, 0).catch(() => undefined), 5);
    onTestFinished(() => clearInterval(stop));
    const refused = await claim(folder, {onWait: () => {}}, {...fast, silenceMs: 60_000});
    expect(refused).toMatchObject({heldBy: {place: there}, state: 'unclear'});
  });

  test('that was taken over while its holder stood still is lost, and said to be', async () => {
    const {lost, confirm} = await take();
    await expect(confirm()).resolves.toBeUndefined();
    await write('claim-2', elsewhere);
    await expect(confirm()).rejects.toThrow(DestinationError);
    await expect(confirm()).rejects.toThrow('Another process has taken over run');
    expect(lost.aborted).toBe(true);
  });

  test('notices by itself that it was taken over', async () => {
    const {lost} = await take();
    const aborted = once(lost, 'abort');
    await write('claim-2', elsewhere);
    await aborted;
    expect(await readFile(join(folder, 'claim-2'), 'utf8')).toContain('another container');
  });

  test('goes from hand to hand, and is never in two', async () => {
    let [holders, most, turns] = [0, 0, 0];
    const work = async () => {
      while (turns < 200) {
        const claimed = await claim(folder);
        if (!isGiven(claimed)) continue;
        most = Math.max(most, ++holders);
        turns++;
        await stat(folder);
        holders--;
        await claimed.release();
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
