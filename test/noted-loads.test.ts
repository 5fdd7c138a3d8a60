import {existsSync} from 'node:fs';
import {expect, test} from 'vitest';
import {defaultChoices} from '../src/choices.js';
import {ledgerName} from '../src/destination/ledger.js';
import {query} from './engine/query.js';
import {rehearse} from './helpers/rehearsal.js';

const always = Number.POSITIVE_INFINITY;

test('a run notes what became of its tables, all of them failed or not, unless no metadata is wanted', async () => {
  const {emulator, file, load} = await rehearse({users: 20});
  const names = ['certifications', 'user_fields'];
  const refuse = (...refused: readonly RegExp[]) =>
    emulator.setFaults(refused.map(match => ({match, kind: 'status', status: 403, times: always})));
  const readNoted = async (loadId: string) =>
    query(
      file,
      `SELECT table_name, status, rows > 0, error FROM ${ledgerName} WHERE load_id = '${loadId}' ORDER BY table_name`,
    );

  refuse(/user_fields/, /certification/);
  const nothing = await load(names);
  expect(nothing.tables.map(({status}) => status)).toEqual(['not_loaded', 'not_loaded']);
  expect(existsSync(file)).toBe(false);

  refuse();
  await load(names, {}, {cast: {...defaultChoices.cast, loadMetadata: false}});
  expect(await query(file, 'SELECT table_name FROM duckdb_tables() ORDER BY ALL')).toEqual(names.map(name => [name]));

  refuse(/user_fields/, /certification/);
  const failed = (name: string) => [name, 'kept', null, expect.stringContaining('403')];
  const published = (name: string) => [name, 'published', true, null];
  const none = await load(names);
  expect(none.exitCode).not.toBe(0);
  expect(await readNoted(none.loadId)).toEqual(names.map(failed));

  refuse(/user_fields/);
  const {loadId} = await load(names);
  expect(await readNoted(loadId)).toEqual([published('certifications'), failed('user_fields')]);
  refuse();
  expect((await load(names, {}, {resume: loadId})).loadId).toBe(loadId);
  expect(await readNoted(loadId)).toEqual(names.map(published));
});
