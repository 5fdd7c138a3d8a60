import {join} from 'node:path';
import {expect, test} from 'vitest';
import {defaultChoices, defaultMerge} from '../../src/choices.js';
import {openDestination} from '../../src/destination/open.js';
import {load} from '../../src/load.js';
import {findRun} from '../../src/spool/runs.js';
import {query} from '../engine/query.js';
import {tableNamed} from '../helpers/rehearsal.js';
import {serve} from '../helpers/served.js';
import {answerPage, answerUsers, dayMs, makeUsers, type User} from './told-tenant.js';

const names = ['users', 'user_fields'];

// As when one of two runs that overlap reads a table by a merge after the other has read it, and publishes first.
test.each(['duckdb', 'parquet', 'csv', 'jsonl'])(
  'what a merge has read late in its run is not replaced by an earlier reading (%s)',
  async scheme => {
    let users: readonly User[] = makeUsers(200, index => Date.now() - 30 * dayMs - index * 60_000);
    let isDown = false;
    const served = await serve((path, asked) => {
      if (path === '/manage/v1/user_fields') return answerPage(asked, [{id: 1, title: 'Cost centre'}]);
      const [, id] = /^\/manage\/v1\/user\/(\d+)$/.exec(path) ?? [];
      const found = users.find(each => each.user_id === id);
      if (found !== undefined) return JSON.stringify({data: {user_data: found}});
      if (path !== '/manage/v1/user') return undefined;
      return isDown ? {status: 500} : answerUsers(asked, users);
    });
    const to = (name: string) => {
      const place = join(served.folder, scheme === 'duckdb' ? `${name}.duckdb` : name);
      return openDestination(`${scheme}:///${place}`, {lockTimeoutMs: 0});
    };
    const count = async () => {
      const isDuckdb = scheme === 'duckdb';
      const from = isDuckdb ? 'users' : `'${served.folder}/a/users.${scheme}'`;
      const [row] = await query(
        isDuckdb ? join(served.folder, 'a.duckdb') : ':memory:',
        `SELECT count(*) FROM ${from}`,
      );
      return Number(row?.[0]);
    };
    const {cast} = defaultChoices;
    const night = async (run: object) =>
      served.load(names, {destination: to('a'), cast, docebo: {pageSize: 5}, ...run});
    const merge = {merge: defaultMerge};

    expect((await night(merge)).exitCode).toBe(0);
    isDown = true;
    const begun = await night(merge);
    expect(begun.exitCode).toBe(7);
    isDown = false;
    // Another run reads all. It is published later.
    const other = await night({destination: to('b')});
    expect(other.exitCode).toBe(0);
    // A user is deleted. The merge goes on, and sees that.
    users = users.filter((_, index) => index !== 9);
    const resumed = await night({...merge, resume: begun.loadId});
    expect(resumed).toMatchObject({exitCode: 0, tables: [{strategy: 'merge', removed: 1}, {}]});
    expect(await count()).toBe(199);

    const record = await findRun(served.stateDir, other.loadId);
    const loads = [{table: tableNamed('users'), target: {schema: null, name: 'users'}}];
    const loaded = await load({record, destination: to('a'), stateDir: served.stateDir, loads});
    expect(await count()).toBe(199);
    expect(loaded.tables[0]?.error?.message).toContain('later than these records');
  },
);
