import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, it, onTestFinished} from 'vitest';
import {IncompleteError} from '../../src/errors.js';
import {collect, connect} from '../helpers/connect.js';
import {pageOf, serve} from '../helpers/served.js';
import {emulate} from '../source/tenant.js';

const users = async (...records: readonly string[]) => {
  const served = await serve(path => (path === '/manage/v1/user' ? pageOf(...records) : undefined));
  const client = connect({url: served.url, credentials: (await emulate()).credentials});
  return {...served, rows: async () => collect(client.table('users').rows())};
};

it.each([
  ['one key', ['{"user_id":1,"username":"a"}', '{"user_id":1,"username":"b"}']],
  ['no key', ['{"user_id":null,"username":"a"}', '{"user_id":2,"username":"b"}']],
])('two records of %s are refused, as in a load', async (_, records) => {
  const {load, rows} = await users(...records);
  expect((await load(['users'])).tables[0]?.error).toMatchObject({code: 'E_INCOMPLETE'});
  await expect(rows()).rejects.toThrow(IncompleteError);
});

it('a record that comes twice as it is is one row', async () => {
  const ann = '{"user_id":1,\n"username":"a\\n"}';
  const {rows} = await users(ann, '{"user_id":2,\n"username":"b"}', ann);
  expect((await rows()).map(row => row.username)).toEqual(['a\n', 'b']);
});

it('early returns, throws and aborts leave no folder', async () => {
  const client = connect(await emulate({users: 30}), {pageSize: 5});
  const before = process.env['TMPDIR'];
  const own = await mkdtemp(join(tmpdir(), 'docebo-own-'));
  process.env['TMPDIR'] = own;
  onTestFinished(async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await rm(own, {recursive: true, force: true});
  });
  for (const name of ['users', 'branches'] as const) {
    for await (const _ of client.table(name).rows()) break;
    const stop = new AbortController();
    await expect(async () => {
      for await (const _ of client.table(name).rows({signal: stop.signal})) stop.abort();
    }).rejects.toMatchObject({code: 'E_INTERRUPTED'});
    await client.table(name).rows().return(undefined);
  }
  expect(await readdir(own)).toEqual([]);
});
