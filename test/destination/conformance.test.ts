import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import type {Load, PublishOptions} from '../../src/destination/destination.js';
import {ledgerName} from '../../src/destination/ledger.js';
import {openDestination} from '../../src/destination/open.js';
import {DestinationError, IncompleteError} from '../../src/errors.js';
import {recordFailure, recordUnpublished} from '../../src/ledger-rows.js';
import {everyType, makeLoad, makeTable, publishOptions} from '../engine/spool.js';
import {readQueries} from '../helpers/readme.js';
import {publishNoted, toExtracted, toFacts} from './noted.js';
import {type Asked, conforming, type Place} from './places.js';
import {publishElsewhere, startPublisher} from './publisher.js';

const ada = {user_id: 1, name: 'Ada'};
const bob = {user_id: 2, name: 'Bob'};
const many = (name: string, count = 2000) => Array.from({length: count}, (_, i) => ({user_id: i, name}));

const openPlace = ({uri, folder, env = {}}: Place) => openDestination(uri, {cwd: folder, env, lockTimeoutMs: 20_000});

async function publish(place: Place, loads: readonly Load[], options: Partial<PublishOptions> = {}, endedAt?: Date) {
  return publishNoted(openPlace(place), loads, publishOptions(place.folder, options), endedAt);
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);

/** What the ledger says, without the times. */
async function readLedger(place: Place) {
  const rows = await place.rows(ledgerName);
  return (rows ?? [])
    .map(row => ['load_id', 'table_name', 'rows', 'status', 'error'].map(name => row[name] ?? null))
    .sort((a, b) => (`${a}` < `${b}` ? -1 : 1));
}

/** The last round of a process that the ledger has for each table. */
async function lastRounds(place: Place, pid: number | undefined): Promise<readonly number[]> {
  const rows = (await place.rows(ledgerName)) ?? [];
  return ['a', 'b'].map(name => {
    const ids = rows
      .filter(row => row['table_name'] === name && row['status'] === 'published')
      .map(row => `${row['load_id']}`);
    return Math.max(...ids.filter(id => id.startsWith(`load${pid}-`)).map(id => Number(id.split('-')[1])));
  });
}

const byKey = (rows: readonly Readonly<Record<string, string | null>>[] | null) =>
  [...(rows ?? [])].sort((a, b) => Number(a['user_id']) - Number(b['user_id']));

/** The version of each table, which all of its rows name. */
async function versions(place: Place): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of ['a', 'b']) {
    const rows = (await place.rows(name)) ?? [];
    expect(rows).toHaveLength(2000);
    const names = new Set(rows.map(row => row['name']));
    expect(names.size).toBe(1);
    found.push(String([...names][0]));
  }
  return found;
}

async function makeSet(place: Place, name: string): Promise<readonly Load[]> {
  return [
    await makeLoad(place.folder, many(name), {name: 'a', table: makeTable({name: 'a'})}),
    await makeLoad(place.folder, many(name), {name: 'b', table: makeTable({name: 'b'})}),
  ];
}

describe.each(conforming)('$name', ({obstacle, cannot, prepare}) => {
  describe.skipIf(obstacle !== undefined)('as every destination', () => {
    const open = prepare();
    /** A test of what some destinations cannot do: they say why. */
    const ask = (asked: Asked) => test.skipIf(cannot[asked] !== undefined);

    test('replaces a table: rows come, change and go', async () => {
      const place = await open();
      await publish(place, [await makeLoad(place.folder, [ada, bob])]);
      const [users] = await publish(place, [
        await makeLoad(place.folder, [
          {...ada, name: 'Ada L.'},
          {user_id: 3, name: null},
        ]),
      ]);
      expect(users).toMatchObject({rows: 2, warnings: []});
      expect(byKey(await place.rows('users'))).toEqual([
        {user_id: '1', name: 'Ada L.'},
        {user_id: '3', name: null},
      ]);
      expect(await place.tables()).toEqual(['users']);
    });

    test('holds values of every type without loss', async () => {
      const place = await open();
      const table = makeTable({columns: everyType});
      const record = `{"user_id":9223372036854775807,"name":"é\\"\\n','; --","score":0.1,"active":true,
        "seen_at":"2025-07-23 16:37:29","born_on":"0001-02-03","extra":{"a":[1,null,"x"]}}`;
      const [users] = await publish(place, [await makeLoad(place.folder, [record.replaceAll('\n', ' ')], {table})]);
      expect(users).toMatchObject({rows: 1, castFailures: {}, invalidDates: {}, mendedTexts: {}});
      const [row = {}] = (await place.rows('users')) ?? [];
      const {active, seen_at: seenAt, extra, ...others} = row;
      expect(others).toEqual({
        user_id: '9223372036854775807',
        name: `é"\n','; --`,
        score: '0.1',
        born_on: '0001-02-03',
      });
      expect(active).toMatch(/^t(rue)?$/);
      expect(new Date(String(seenAt).replace(/\+00$/, 'Z').replace(' ', 'T')).toISOString()).toBe(
        '2025-07-23T16:37:29.000Z',
      );
      expect(JSON.parse(String(extra))).toEqual({a: [1, null, 'x']});
    });

    test('tells NULL from an empty text', async () => {
      const place = await open();
      await publish(place, [
        await makeLoad(place.folder, [
          {...ada, name: ''},
          {...bob, name: null},
        ]),
      ]);
      expect(byKey(await place.rows('users')).map(row => row['name'])).toEqual(['', null]);
    });

    test('refuses a key that comes twice, and publishes the other tables', async () => {
      const place = await open();
      await publish(place, [await makeLoad(place.folder, [ada])]);
      const others = await makeLoad(place.folder, [bob], {name: 'others', table: makeTable({name: 'others'})});
      const published = await publish(place, [await makeLoad(place.folder, [bob, bob]), others]);
      expect(published.map(({error}) => error?.message)).toEqual([expect.stringContaining('user_id'), undefined]);
      expect(await place.rows('users')).toEqual([{user_id: '1', name: 'Ada'}]);
      expect(await place.rows('others')).toEqual([{user_id: '2', name: 'Bob'}]);
    });

    ask('comments')('describes the columns', async () => {
      const place = await open();
      await publish(place, [await makeLoad(place.folder, [ada])]);
      expect(await place.comment('users', 'name')).toBe('What the user is called.');
    });

    test('takes odd names of tables and columns as they are', async () => {
      const place = await open();
      const odd = `o'd "t"; drop 日本`;
      const undeclared = {[odd]: ['string'] as const};
      const load = await makeLoad(place.folder, [{...ada, [odd]: 'x'}], {name: odd, undeclared});
      const [users] = await publish(place, [load]);
      expect(users?.error).toBeUndefined();
      const [table = ''] = await place.tables();
      const [row = {}] = (await place.rows(table)) ?? [];
      expect(Object.values(row)).toEqual(['1', 'Ada', 'x']);
    });

    test('makes a table without rows, and keeps one that would lose all of its rows', async () => {
      const place = await open();
      const [none] = await publish(place, [await makeLoad(place.folder, [])]);
      expect(none?.error).toBeUndefined();
      expect(await place.rows('users')).toEqual([]);
      await publish(place, [await makeLoad(place.folder, many('x', 10))]);
      for (const records of [[], many('y', 4)]) {
        const [users] = await publish(place, [await makeLoad(place.folder, records)]);
        expect(users?.error?.message).toMatch(/users/);
        expect(await place.rows('users')).toHaveLength(10);
      }
      const [allowed] = await publish(place, [await makeLoad(place.folder, [])], {
        allowEmpty: true,
        maxShrinkPercent: 100,
      });
      expect(allowed?.error).toBeUndefined();
      expect(await place.rows('users')).toEqual([]);
    });

    test('publishes all or nothing where that is asked for', async () => {
      const place = await open();
      const others = async (name: string) =>
        makeLoad(place.folder, [{user_id: 1, name}], {name: 'others', table: makeTable({name: 'others'})});
      await publish(place, [await others('before')]);
      await publish(place, [await makeLoad(place.folder, [bob, bob]), await others('after')], {allOrNothing: true});
      expect(await place.rows('others')).toEqual([{user_id: '1', name: 'before'}]);
      expect(await place.rows('users')).toBeNull();
    });

    test('holds whole tables when a process is killed, and nothing else after the next load', async () => {
      const place = await open();
      await publish(place, await makeSet(place, 'first'));
      const names = ['x', 'y', 'z'];
      const sets = await Promise.all(names.map(async name => makeSet(place, name)));
      for (const ms of [0, 30]) {
        const child = await startPublisher({folder: place.folder, uri: place.uri, rounds: 1000, sets});
        if (child.stdout !== null) await once(child.stdout, 'data');
        await sleep(ms);
        child.kill('SIGKILL');
        await once(child, 'exit');
        const found = await versions(place);
        const isAtOnce = cannot['all tables at once'] === undefined;
        if (isAtOnce) expect(new Set(found).size).toBe(1);
        // A row comes with its table; beside files it comes after them.
        for (const [i, round] of (await lastRounds(place, child.pid)).entries()) {
          expect((isAtOnce ? [round] : [round, round + 1]).map(each => names[each % 3])).toContain(found[i]);
        }
      }
      await publish(place, await makeSet(place, 'last'));
      expect(await versions(place)).toEqual(['last', 'last']);
      expect(await place.tables()).toEqual(['a', 'b']);
    });

    test('notes each load and table in its ledger, those too that failed', async () => {
      const place = await open();
      const users = await makeLoad(place.folder, [ada]);
      const others = (records: readonly unknown[]) =>
        makeLoad(place.folder, records, {name: 'others', table: makeTable({name: 'others'})});
      const [fails, holds] = [await others([bob, bob]), await others([bob])];
      await publish(place, [users, fails]);
      await publish(place, [users, holds], {loadId: 'load2'});
      const destination = openPlace(place);
      const options = publishOptions(place.folder, {loadId: 'load3', allOrNothing: true});
      const held = await publishNoted(destination, [users, fails], options);
      expect(await readLedger(place)).toHaveLength(4);
      const notes: unknown[] = [];
      const tell = (event: unknown) => void notes.push(event);
      await recordUnpublished(toFacts(options), [users, fails].map(toExtracted), destination, held, tell);
      const error = new IncompleteError('Not whole.');
      await recordFailure(toFacts({...options, loadId: 'load4'}), [users], destination, error, tell);
      expect(notes).toEqual([]);
      expect(await readLedger(place)).toEqual([
        ['load1', 'others', null, 'not_loaded', expect.stringContaining('user_id')],
        ['load1', 'users', '1', 'published', null],
        ['load2', 'others', '1', 'published', null],
        ['load2', 'users', '1', 'published', null],
        ['load3', 'others', null, 'kept', expect.stringContaining('user_id')],
        ['load3', 'users', null, 'kept', expect.stringContaining('held back by others')],
        ['load4', 'users', null, 'kept', 'Not whole.'],
      ]);
    });

    test('tells whether a table is fresh, and how big it was a week ago', async () => {
      const place = await open();
      const groups = await makeLoad(place.folder, [ada], {
        table: makeTable({name: 'groups'}),
        readAt: hoursAgo(40).toISOString(),
      });
      const users = async (count: number, hours: number) =>
        makeLoad(place.folder, many('x', count), {readAt: hoursAgo(hours).toISOString()});
      await publish(place, [await users(3, 24 * 9)], {}, hoursAgo(24 * 9));
      await publish(place, [await users(4, 24 * 8)], {loadId: 'load2'}, hoursAgo(24 * 8));
      await publish(place, [await users(5, 30), groups], {loadId: 'load3'});
      const [fresh = '', past = ''] = await readQueries(ledgerName);
      const tell = (rows: readonly (readonly unknown[])[]) => rows.map(row => row.map(String));
      expect(tell(await place.askLedger(fresh))).toEqual([
        ['groups', expect.any(String), 'false'],
        ['users', expect.any(String), 'true'],
      ]);
      expect(tell(await place.askLedger(past))).toEqual([['users', '4', 'load2', expect.any(String)]]);
    });

    test('publishes where no row fits into what somebody has made of the ledger', async () => {
      const place = await open();
      await publish(place, [await makeLoad(place.folder, [ada])]);
      await place.spoilLedger();
      const [users] = await publish(place, [await makeLoad(place.folder, [bob])], {loadId: 'load2'});
      expect(users?.error).toBeUndefined();
      expect(users?.warnings).toEqual([expect.stringMatching(/^The load was not noted in .*_docebo_loads/)]);
      expect(await place.rows('users')).toEqual([{user_id: '2', name: 'Bob'}]);
      expect(await place.tables()).toEqual(['users']);
    });

    ask('a reader beside')('does not disturb who reads a table meanwhile', async () => {
      const place = await open();
      await publish(place, [await makeLoad(place.folder, [ada])]);
      const readOn = await place.beginReading('users');
      const [users] = await publish(place, [await makeLoad(place.folder, [bob])]);
      expect(users?.error).toBeUndefined();
      expect(await readOn()).toEqual([{user_id: '1', name: 'Ada'}]);
      expect(await place.rows('users')).toEqual([{user_id: '2', name: 'Bob'}]);
    });

    test('says before anything is read that it may not be written', async () => {
      const place = await open();
      const destination = openDestination(await place.forbidden(), {
        cwd: place.folder,
        env: place.env ?? {},
        lockTimeoutMs: 0,
      });
      const checked = destination.check([{schema: null, name: 'users'}]);
      await expect(checked).rejects.toThrow(DestinationError);
    });

    ask('a full disk')('keeps the earlier table where the disk is full', async () => {
      const place = await open();
      await publish(place, [await makeLoad(place.folder, [ada])]);
      const rows = Array.from({length: 30_000}, (_, i) => ({user_id: i, name: randomBytes(24).toString('hex')}));
      const sets = [[await makeLoad(place.folder, rows)]];
      const [round] = await publishElsewhere({folder: place.folder, uri: place.uri, rounds: 1, sets, fileLimitKb: 600});
      expect(round?.thrown?.name ?? round?.errors?.[0]).toBe('DestinationError');
      expect(await place.rows('users')).toEqual([{user_id: '1', name: 'Ada'}]);
      expect(await readLedger(place)).toEqual([['load1', 'users', '1', 'published', null]]);
      expect(await place.tables()).toEqual(['users']);
    });
  });
});
