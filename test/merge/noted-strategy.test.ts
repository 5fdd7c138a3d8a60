import {expect, test} from 'vitest';
import {query} from '../engine/query.js';
import {openNights} from './nights.js';

test('the ledger does not say of a table that could not be read that all of it was', async () => {
  const {next, file, emulator} = await openNights(['users'], {users: 150});
  const noted = async (loadId: string) =>
    query(file, `SELECT table_name, strategy, status FROM _docebo_loads WHERE load_id = '${loadId}' ORDER BY 1`);
  await next();
  emulator.setFaults([{match: '/manage/v1/user', kind: 'status', status: 500, times: 1000}]);
  const second = await next();
  expect(await noted(second.report.loadId)).toEqual([['users', null, 'kept']]);
});
