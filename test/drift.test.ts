import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {exitCodes} from '../src/errors.js';
import {rehearse} from './helpers/rehearsal.js';

type Change = {readonly kind: 'insert' | 'remove' | 'touch' | 'move'; readonly at: number; readonly to: number};

/** Changes the list of users while it is read, after the replies given, and loads it. Tells what every moment of it held. */
async function loadWhile(
  users: number,
  changes: ReadonlyMap<number, Change>,
  driftRetries: number,
  options: {readonly pageSize?: number; readonly parallelism?: number} = {},
) {
  let replies = 0;
  const moments: (readonly string[])[] = [];
  const rehearsal = await rehearse({
    users,
    cursors: 'absent',
    onAnswered: () => {
      const change = changes.get(replies++);
      if (change !== undefined) apply(change);
    },
  });
  const {emulator, load, truth, published} = rehearsal;
  const apply = ({kind, at, to}: Change) => {
    const list = emulator.edit('users');
    const length = truth('users').length;
    if (kind === 'insert') list.insert(at % (length + 1));
    if (length > 0 && kind === 'remove') list.remove(at % length);
    if (length > 0 && kind === 'touch') list.touch(at % length);
    if (length > 0 && kind === 'move') list.move(at % length, to % length);
    moments.push(truth('users'));
  };
  moments.push(truth('users'));
  const report = await load(['users'], {pageSize: 5, ...options}, {driftRetries});
  return {report, moments, rows: await published('users'), asked: rehearsal.asked().length};
}

const change = (...kinds: readonly Change['kind'][]) =>
  fc.record({kind: fc.constantFrom(...kinds), at: fc.nat(80), to: fc.nat(80)});
const changes = (...kinds: readonly Change['kind'][]) =>
  fc
    .uniqueArray(fc.tuple(fc.nat(20), change(...kinds)), {maxLength: 8, selector: ([reply]) => reply})
    .map(entries => new Map(entries));
/**
 * What comes and goes between two replies that were under way together leaves the total as it was, and cannot be seen. So both happen where
 * one call is made at a time.
 */
const comings = fc.oneof(
  fc.tuple(changes('insert', 'remove', 'touch'), fc.constant(1)),
  fc.tuple(changes('insert', 'touch'), fc.constant(8)),
  fc.tuple(changes('remove', 'touch'), fc.constant(8)),
);
const keyOf = (row: string): string => JSON.parse(row).user_id;

function expectTruth(rows: readonly string[], moments: readonly (readonly string[])[]): void {
  const keys = rows.map(keyOf);
  expect(new Set(keys).size).toBe(keys.length);
  const everHeld = new Set(moments.flat());
  expect(rows.filter(row => !everHeld.has(row))).toEqual([]);
  const [first = [], ...later] = moments.map(moment => new Set(moment));
  const stayed = [...first].filter(row => later.every(moment => moment.has(row)));
  expect(stayed.filter(row => !rows.includes(row))).toEqual([]);
}

/** Each run of the tests tries others. */
const numRuns = 8;

describe('while rows', () => {
  test('come, go and change, what is published was true: every row that stayed, and no key twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({min: 1, max: 40}), comings, async (users, [during, parallelism]) => {
        const {report, moments, rows} = await loadWhile(users, during, 20, {parallelism});
        expect(report.exitCode).toBe(exitCodes.ok);
        expectTruth(rows ?? [], moments);
      }),
      {numRuns, endOnFailure: true},
    );
  });

  test('change their places, what is published was true, or nothing is', async () => {
    let published = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({min: 1, max: 40}), changes('move'), async (users, during) => {
        const {report, moments, rows} = await loadWhile(users, during, 3);
        if (rows === null) expect(report.exitCode).toBe(exitCodes.incomplete);
        else {
          published++;
          expectTruth(rows, moments);
        }
      }),
      {numRuns, endOnFailure: true},
    );
    expect(published).toBeGreaterThan(numRuns / 2);
  });
});

test('as many rows go as come, which no total shows: none that stayed is missed', async () => {
  let replies = 0;
  const rehearsal = await rehearse({
    users: 200,
    cursors: 'absent',
    onAnswered: () => {
      if (++replies !== 20) return;
      const users = rehearsal.emulator.edit('users');
      for (let row = 0; row < 5; row++) users.remove(0);
      for (let row = 195; row < 200; row++) users.insert(row);
    },
  });
  const {load, published, truth} = rehearsal;
  const before = truth('users');
  const report = await load(['users'], {pageSize: 4, parallelism: 1});
  expect(report.exitCode).toBe(exitCodes.ok);
  expectTruth((await published('users')) ?? [], [before, truth('users')]);
});

test('a row that goes while a list is read costs the pages under way, not the list once more', async () => {
  const {report, asked} = await loadWhile(2000, new Map([[25, {kind: 'remove', at: 2, to: 0}]]), 3, {pageSize: 40});
  expect(report.exitCode).toBe(exitCodes.ok);
  expect(asked).toBeGreaterThan(50);
  expect(asked).toBeLessThan(50 + 3 * 8);
});

test('rows that come all the while, more than a page of them, cost the pages under way each time', async () => {
  const steady = new Map(Array.from({length: 40}, (_, n) => [9 * n + 5, {kind: 'insert', at: 0, to: 0} as const]));
  const {report, asked, moments, rows} = await loadWhile(800, steady, 3, {pageSize: 10, parallelism: 2});
  expect(report.tables.map(({error}) => error)).toEqual([undefined]);
  expectTruth(rows ?? [], moments);
  expect(moments.length).toBeGreaterThan(10);
  expect(asked).toBeLessThan(2 * 81);
});

test('rows that move for ever leave the table as it was, and the report says so', async () => {
  const always = new Map(Array.from({length: 200}, (_, reply) => [reply, {kind: 'move', at: 39, to: 0} as const]));
  const {report, rows} = await loadWhile(40, always, 2);
  expect(rows).toBeNull();
  expect(report.exitCode).toBe(exitCodes.incomplete);
  expect(report.tables[0]?.error?.message).toMatch(/were met at two places|repeat the key/);
});

test('parents that change their places while they are listed have all their children', async () => {
  let replies = 0;
  const rehearsal = await rehearse({
    users: 300,
    cursors: 'absent',
    onAnswered: path => {
      if (path.startsWith('/learn/v1/courses?') && ++replies === 2) rehearsal.emulator.edit('courses').move(0, 9);
    },
  });
  const names = ['courses', 'course_learning_objects', 'polls'];
  const report = await rehearsal.load(names, {pageSize: 3, parallelism: 1});
  expect(report.tables.map(({error}) => error)).toEqual([undefined, undefined, undefined]);
  for (const name of names) expect(await rehearsal.published(name), name).toEqual(rehearsal.truth(name));
  const children = rehearsal.asked().filter(path => path.endsWith('/los'));
  expect(children.length).toBe(new Set(children).size);
});
