import {describe, expect, test} from 'vitest';
import type {PublishOptions} from '../../../src/destination/destination.js';
import {integer, text} from '../../../src/table.js';
import {makeLoad, makeTable} from '../../engine/spool.js';
import {findObstacle, useServer} from '../../helpers/postgres.js';
import {makePlace} from './publishing.js';

const ada = {user_id: 1, name: 'Ada'};
const bob = {user_id: 2, name: 'Bob'};
const eve = {user_id: 3, name: 'Eve'};

describe.skipIf(findObstacle() !== undefined)('a table in Postgres is kept', () => {
  const server = useServer();

  test('if too many of its rows are gone', async () => {
    const {folder, publish, query} = await makePlace(server);
    await publish([await makeLoad(folder, [ada, bob, eve])]);
    const [users] = await publish([await makeLoad(folder, [ada])]);
    expect(users?.error).toMatchObject({code: 'E_INCOMPLETE', allowedBy: {'max-shrink': 67}});
    const [empty] = await publish([await makeLoad(folder, [])], {maxShrinkPercent: 100});
    expect(empty?.error).toMatchObject({code: 'E_INCOMPLETE', allowedBy: {'allow-empty': true}});
    expect(await query('SELECT count(*) FROM users')).toEqual([['3']]);
    const [allowed] = await publish([await makeLoad(folder, [ada])], {maxShrinkPercent: 67});
    expect(allowed?.rows).toBe(1);
  });

  test.each([{loadMetadata: true}, {loadMetadata: false}])(
    'if it was read later, even if nothing had changed by then (%j)',
    async ({loadMetadata}) => {
      const {folder, publish, query} = await makePlace(server);
      const publishAt = async (day: number, name: string, options: Partial<PublishOptions> = {}) => {
        const load = await makeLoad(folder, [{...ada, name}], {readAt: `2025-07-0${day}T00:00:00.000Z`});
        // As in another container, whose state folder knows nothing.
        const readingsDir = `${folder}/readings-${day}`;
        const [users] = await publish([load], {loadMetadata, loadId: `load${day}`, readingsDir, ...options});
        return users;
      };
      expect((await publishAt(1, 'Ada'))?.error).toBeUndefined();
      expect((await publishAt(3, 'Ada'))?.error).toBeUndefined();
      const older = await publishAt(2, 'Old');
      expect(older?.error?.message).toMatch(
        /^users: the earlier table was read at 2025-07-03T00:00:00Z \(load load3\)/,
      );
      expect(await query('SELECT name FROM users')).toEqual([['Ada']]);
      expect((await publishAt(2, 'Old', {allowOlder: true}))?.error).toBeUndefined();
      expect(await query('SELECT name FROM users')).toEqual([['Old']]);
    },
  );

  test('if a later route served the records', async () => {
    const {folder, publish, query} = await makePlace(server);
    const table = makeTable({routes: [{path: '/first'}, {path: '/second'}]});
    const publishBy = async (servedBy: string, options: Partial<PublishOptions> = {}) => {
      const load = await makeLoad(folder, [{...ada, name: servedBy}], {table});
      const [users] = await publish([{...load, spooled: {...load.spooled, servedBy}}], {
        loadMetadata: true,
        ...options,
      });
      return users;
    };
    await publishBy('/first');
    expect((await publishBy('/second'))?.error).toMatchObject({allowedBy: {'allow-route-change': true}});
    expect(await query('SELECT name FROM users')).toEqual([['/first']]);
    expect((await publishBy('/second', {allowRouteChange: true}))?.warnings).toHaveLength(1);
    expect((await publishBy('/second'))?.warnings).toEqual([]);
  });

  test('with all others if all or nothing was asked for, and leaves nothing of what was staged', async () => {
    const {folder, publish, query} = await makePlace(server);
    const other = makeTable({name: 'others', columns: {user_id: integer('Id.'), name: text('Name.')}});
    const loads = async (name: string) => [
      await makeLoad(folder, [{...ada, name}], {schema: 'new'}),
      await makeLoad(folder, [{...bob, name}], {table: other, schema: 'new'}),
    ];
    const twice = await makeLoad(folder, [bob, bob], {table: other, schema: 'new'});
    const [first] = await loads('x');
    const failed = await publish(first === undefined ? [] : [first, twice], {allOrNothing: true});
    expect(failed.map(({error}) => error)).toEqual([
      expect.objectContaining({code: 'E_INCOMPLETE'}),
      expect.objectContaining({code: 'E_INCOMPLETE'}),
    ]);
    expect(await query(`SELECT 1 FROM pg_namespace WHERE nspname = 'new'`)).toEqual([]);
    await publish(await loads('before'));
    await query(`ALTER TABLE new.others ADD CHECK (name <> 'after')`);
    const refused = await publish(await loads('after'), {allOrNothing: true});
    expect(refused.map(({error}) => error)).toEqual([
      expect.objectContaining({code: 'E_INCOMPLETE'}),
      expect.objectContaining({code: 'E_DESTINATION'}),
    ]);
    expect(await query('SELECT name FROM new.users')).toEqual([['before']]);
    const [users, others] = await publish(await loads('after'));
    expect(users?.error).toBeUndefined();
    expect(others?.error?.message).toMatch(
      /^new\.others could not be written: new row for relation "others" violates check/,
    );
    expect(others?.error).toMatchObject({
      exitCode: 6,
      hint: expect.stringMatching(/^The earlier table was kept\. A constraint/),
    });
    expect(await query('SELECT name FROM new.users UNION ALL SELECT name FROM new.others')).toEqual([
      ['after'],
      ['before'],
    ]);
  });

  test('if it is a view, or a trigger changes what is written', async () => {
    const {folder, publish, query} = await makePlace(server);
    await query(
      'CREATE VIEW users AS SELECT 1 AS user_id',
      'CREATE TABLE others (user_id bigint PRIMARY KEY, name text)',
      `CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
      'CREATE TRIGGER drops BEFORE INSERT ON others FOR EACH ROW EXECUTE FUNCTION drop_it()',
    );
    const loads = [
      await makeLoad(folder, [ada]),
      await makeLoad(folder, [bob], {table: makeTable({name: 'others'})}),
      await makeLoad(folder, [eve], {table: makeTable({name: 'fine'})}),
    ];
    const [users, others, fine] = await publish(loads);
    expect(users?.error?.message).toMatch(/^public\.users is a view or something else/);
    expect(others?.error?.message).toBe('public.others: 1 rows were proved, but 0 would be there');
    expect(fine?.error).toBeUndefined();
    expect(await query('SELECT name FROM fine')).toEqual([['Eve']]);
  });
});
