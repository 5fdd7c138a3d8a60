import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {openDestination} from '../../src/destination/open.js';
import {everyType, makeFolder, makeLoad, makeTable, publishOptions} from '../engine/spool.js';

const table = makeTable({columns: everyType});

test('a line holds every declared column, as JSON', async () => {
  const folder = await makeFolder();
  const sent = {
    user_id: '9007199254740993',
    name: 'é/<"\n🚀',
    score: '12.5',
    active: 1,
    seen_at: '2025-07-23 16:37:29',
    born_on: '2025-07-23',
    extra: {a: [1, null, {b: 'c/d'}]},
  };
  const load = await makeLoad(folder, [sent], {table});
  const [users] = await openDestination('jsonl:///out', {cwd: folder}).publish([load], publishOptions(folder));
  expect(users).toEqual({table: 'users', rows: 1, invalidDates: {}, castFailures: {}, mendedTexts: {}, warnings: []});
  expect(await readFile(join(folder, 'out', 'users.jsonl'), 'utf8')).toBe(
    `{"user_id":9007199254740993,"name":"é/<\\"\\n🚀","score":12.5,"active":true,"seen_at":"2025-07-23T16:37:29Z",` +
      `"born_on":"2025-07-23","extra":{"a":[1,null,{"b":"c/d"}]}}\n`,
  );
});

test('additional fields stand in the order of their numbers', async () => {
  const folder = await makeFolder();
  const undeclared = {field_10: ['string'], field_2: ['string']} as const;
  const load = await makeLoad(folder, [{user_id: 1, field_10: 'j', field_2: 'b'}], {undeclared});
  await openDestination('jsonl://out', {cwd: folder}).publish([load], publishOptions(folder));
  expect(await readFile(join(folder, 'out', 'users.jsonl'), 'utf8')).toBe(
    '{"user_id":1,"name":null,"field_2":"b","field_10":"j"}\n',
  );
});

test('a value that was not sent is null, an invalid date the epoch, and a part of a second is kept', async () => {
  const folder = await makeFolder();
  const sent = {user_id: 1, seen_at: '2025-07-23T16:37:29.5Z', born_on: '0000-00-00'};
  const load = await makeLoad(folder, [sent], {table});
  await openDestination('jsonl://out', {cwd: folder}).publish([load], publishOptions(folder, {loadMetadata: true}));
  expect(await readFile(join(folder, 'out', 'users.jsonl'), 'utf8')).toBe(
    `{"user_id":1,"name":null,"score":null,"active":null,"seen_at":"2025-07-23T16:37:29.500000Z","born_on":"1970-01-01",` +
      `"extra":null,"_docebo_load_id":"load1","_docebo_extracted_at":"2025-07-23T16:37:29Z"}\n`,
  );
});

test('a column that only the earlier file had is not passed on', async () => {
  const folder = await makeFolder();
  const destination = openDestination('jsonl://out', {cwd: folder});
  const undeclared = {note: ['string']} as const;
  const noted = await makeLoad(folder, [{user_id: 1, note: 'x'}], {undeclared});
  await destination.publish([noted], publishOptions(folder));
  await destination.publish([await makeLoad(folder, [{user_id: 2}])], publishOptions(folder, {loadId: 'load2'}));
  expect(await readFile(join(folder, 'out', 'users.jsonl'), 'utf8')).toBe('{"user_id":2,"name":null}\n');
});

test('a key that is no column goes by one name in every night, whichever others are sent', async () => {
  const folder = await makeFolder();
  const destination = openDestination('jsonl://out', {cwd: folder});
  const nights = [
    ['foo_bar', 'fooBar', 'Foo Bar'],
    ['fooBar'],
    ['Foo Bar', 'foo_bar'],
    ['fooBar', 'Foo Bar'],
    ['foo_bar'],
  ];
  const names = new Map<string, string>();
  for (const [i, keys] of nights.entries()) {
    const undeclared = Object.fromEntries(keys.map(key => [key, ['string' as const]]));
    const record = {user_id: 1, name: null, ...Object.fromEntries(keys.map(key => [key, key]))};
    const load = await makeLoad(folder, [record], {undeclared});
    await destination.publish([load], publishOptions(folder, {loadId: `load${i}`}));
    const row: Record<string, unknown> = JSON.parse(await readFile(join(folder, 'out', 'users.jsonl'), 'utf8'));
    const held = Object.entries(row).slice(2);
    expect(held.map(([, key]) => key).sort()).toEqual([...keys].sort());
    for (const [name, key] of held) {
      expect(names.get(String(key)) ?? name).toBe(name);
      names.set(String(key), name);
    }
  }
  expect(new Set(names.values()).size).toBe(3);
});
