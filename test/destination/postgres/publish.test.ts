import {describe, expect, test} from 'vitest';
import type {Load, PublishOptions} from '../../../src/destination/destination.js';
import {openDestination} from '../../../src/destination/open.js';
import {integer, text} from '../../../src/table.js';
import {makeFolder, makeLoad, publishOptions} from '../../engine/spool.js';
import {findObstacle, useServer} from '../../helpers/postgres.js';

const ada = {user_id: 1, name: 'Ada'};
const bob = {user_id: 2, name: 'Bob'};

describe.skipIf(findObstacle() !== undefined)('a table in Postgres', () => {
  const server = useServer();

  test('holds a typed row for every record', async () => {
    const folder = await makeFolder();
    const database = await server.createDatabase();
    const destination = openDestination(server.uriOf(database), {env: {}});
    await destination.check([{schema: null, name: 'users'}]);
    const [users] = await destination.publish([await makeLoad(folder, [ada, bob])], publishOptions(folder));
    expect(users).toEqual({table: 'users', rows: 2, invalidDates: {}, castFailures: {}, mendedTexts: {}, warnings: []});
    expect(await server.query(database, 'SELECT * FROM users ORDER BY user_id')).toEqual([
      ['1', 'Ada'],
      ['2', 'Bob'],
    ]);
  });
});
