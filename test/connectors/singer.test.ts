import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {describe, expect, test} from 'vitest';
import {tables} from '../../tables/index.js';
import {main, runCli} from '../cli/run-cli.js';
import {rehearse, tableNamed} from '../helpers/rehearsal.js';
import {catalogOf, configOf, type Json, type Message, rowsIn, tap, writeJson} from './tap.js';

/** What Singer's specification says of messages, and that they come in an order in which a target can take them. */
function expectSound(messages: readonly Message[]): void {
  const schemas = new Map<string, Json>();
  const versions = new Map<string, number>();
  const active = new Set<string>();
  for (const message of messages) {
    const {type, stream = '', version = 0} = message;
    if (type === 'STATE') {
      expect(Object.keys(message)).toEqual(['type', 'value']);
      expect(Object.keys((message['value'] as Json)['bookmarks'] as Json)).toEqual(expect.arrayContaining([...active]));
    } else if (type === 'SCHEMA') {
      const {properties} = message['schema'] as {properties: Json};
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(message['key_properties'] as string[]));
      schemas.set(stream, properties);
    } else if (type === 'RECORD') {
      expect(active, stream).not.toContain(stream);
      expect(new Date(String(message['time_extracted'])).getTime()).toBeLessThanOrEqual(Date.now());
      expect(versions.get(stream) ?? version).toBe(version);
      versions.set(stream, version);
      for (const [name, value] of Object.entries(message.record ?? {}))
        expectTyped(`${stream}.${name}`, schemas.get(stream)?.[name] as Json, value);
    } else {
      expect(type).toBe('ACTIVATE_VERSION');
      expect(version).toBe(versions.get(stream) ?? version);
      expect(Number.isSafeInteger(version) && version < 2 ** 31).toBe(true);
      active.add(stream);
    }
  }
  expect([...active]).toEqual([...schemas.keys()]);
}

function expectTyped(where: string, property: Json | undefined, value: unknown): void {
  const types = [property?.['type']].flat();
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const isWhole = type === 'number' && (Number.isInteger(value) || Math.abs(Number(value)) > 2 ** 53);
  expect(types, where).toEqual(expect.arrayContaining([types.includes('integer') && isWhole ? 'integer' : type]));
  const form = {'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, date: /^\d{4}-\d\d-\d\d$/}[
    String(property?.['format'])
  ];
  if (form !== undefined && value !== null) expect(value, where).toMatch(form);
}

describe('docebo-ingest singer', () => {
  test('sends every table, with what the emulator holds and nothing beside it on stdout', async () => {
    const rehearsal = await rehearse();
    const {exitCode, messages, stderr, state} = await tap(rehearsal, null);
    expect(exitCode, stderr).toBe(0);
    expectSound(messages);
    for (const {name} of tables) expect(rowsIn(messages, name), name).toEqual(rehearsal.truth(name));
    expect(Object.keys(state?.['bookmarks'] as Json)).toEqual(tables.map(({name}) => name));
    expect(stderr).toMatch(/^55 of 55 tables published: /m);
    // The columns that nobody declares are in the schema too.
    const users = messages.find(({type, stream}) => type === 'SCHEMA' && stream === 'users');
    expect(users).toMatchObject({
      key_properties: ['user_id'],
      schema: {
        properties: {
          user_id: {type: 'integer'},
          last_access_date: {type: ['string', 'null'], format: 'date-time'},
          field_1: {type: ['string', 'null'], description: expect.stringContaining('field_1')},
        },
      },
    });
    const run = join(rehearsal.stateDir, 'runs', readdirSync(join(rehearsal.stateDir, 'runs'))[0] ?? '');
    expect(readdirSync(run).filter(name => name.endsWith('.messages'))).toEqual([]);
  });

  test('gives each load a higher version, and keeps what the state says of tables that it does not read', async () => {
    const rehearsal = await rehearse();
    const first = await tap(rehearsal, ['users', 'groups']);
    const second = await tap(rehearsal, ['users'], {state: first.state});
    const [before, after] = [first, second].map(({state}) => state?.['bookmarks'] as Record<string, Json>);
    expect(after?.['groups']).toEqual(before?.['groups']);
    expect(Number(after?.['users']?.['version'])).toBeGreaterThan(Number(before?.['users']?.['version']));
    expect(after?.['users']?.['load_id']).not.toBe(before?.['users']?.['load_id']);
    expect(second.messages.at(-2)).toEqual({
      type: 'ACTIVATE_VERSION',
      stream: 'users',
      version: after?.['users']?.['version'],
    });
  });

  test('asks under a merge for what has changed, and sends the whole table', async () => {
    const rehearsal = await rehearse({users: 100});
    const config = {incremental_strategy: 'merge', page_size: 10};
    const first = await tap(rehearsal, ['users'], {config});
    rehearsal.emulator.edit('users').touch(3);
    const asked = rehearsal.asked().length;
    const second = await tap(rehearsal, ['users'], {config, state: first.state});
    expect(rehearsal.asked(asked).length).toBeLessThan(asked);
    expect(rehearsal.asked(asked).join()).toContain('updated_from');
    expect(rowsIn(second.messages, 'users')).toEqual(rehearsal.truth('users'));
  });

  test('neither writes nor activates a table that is not proved, sends the others, and says so by its exit code', async () => {
    const rehearsal = await rehearse();
    const before = await tap(rehearsal, ['certifications', 'course_fields']);
    rehearsal.emulator.setFaults([
      {match: '/learn/v1/certification', kind: 'status', status: 403, times: Number.POSITIVE_INFINITY},
    ]);
    const {exitCode, messages, stderr, state} = await tap(rehearsal, ['certifications', 'course_fields'], {
      state: before.state,
    });
    expect(exitCode).toBe(7);
    expect(new Set(messages.flatMap(({stream}) => stream ?? []))).toEqual(new Set(['course_fields']));
    const bookmarks = (each: Json | undefined) => each?.['bookmarks'] as Json;
    expect(bookmarks(state)['certifications']).toEqual(bookmarks(before.state)['certifications']);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^docebo-ingest: 1 of 2 tables not published, the earlier version is kept: certifications \(/,
    );
  });

  test('sends no table that has lost most of the rows that the state names, and says which setting allows it', async () => {
    const rehearsal = await rehearse();
    const first = await tap(rehearsal, ['certifications']);
    const bookmarks = first.state?.['bookmarks'] as Record<string, Json>;
    const state = {bookmarks: {certifications: {...bookmarks['certifications'], rows: 1000}}};
    const refused = await tap(rehearsal, ['certifications'], {state});
    expect(refused).toMatchObject({exitCode: 7, stdout: ''});
    const [, loadId = ''] = /--resume (\S+) and "max_shrink": 100 in its config/.exec(refused.stderr) ?? [];
    const asked = rehearsal.asked().length;
    const allowed = await tap(rehearsal, ['certifications'], {
      state,
      config: {max_shrink: 100},
      args: ['--resume', loadId],
    });
    expect(allowed.exitCode).toBe(0);
    expect(rowsIn(allowed.messages, 'certifications')).toEqual(rehearsal.truth('certifications'));
    // One call shows that the list is still as it was.
    expect(rehearsal.asked(asked)).toHaveLength(1);
  });

  test('replaces no table that a newer run has sent when an older one is resumed, unless the config allows it', async () => {
    const rehearsal = await rehearse({users: 100});
    const streams = ['users', 'certifications'];
    rehearsal.emulator.setFaults([
      {match: '/learn/v1/certification', kind: 'status', status: 403, times: Number.POSITIVE_INFINITY},
    ]);
    const first = await tap(rehearsal, streams);
    expect(first.exitCode).toBe(7);
    rehearsal.emulator.setFaults([]);
    rehearsal.emulator.edit('users').remove(3);
    const second = await tap(rehearsal, streams, {state: first.state});
    expect(rowsIn(second.messages, 'users')).toEqual(rehearsal.truth('users'));

    const bookmarks = (each: Json | undefined) => each?.['bookmarks'] as Record<string, Json>;
    const args = ['--resume', String(bookmarks(first.state)['users']?.['load_id'])];
    const third = await tap(rehearsal, streams, {state: second.state, args});
    expect(third.exitCode).toBe(7);
    expect(third.stderr).toContain('users: the earlier table was read at ');
    expect(third.stderr).toContain(' and "allow_older": true in its config sends it');
    expect(new Set(third.messages.flatMap(({stream}) => stream ?? []))).toEqual(new Set(['certifications']));
    expect(bookmarks(third.state)['users']).toEqual(bookmarks(second.state)['users']);

    const allowed = await tap(rehearsal, streams, {state: third.state, args, config: {allow_older: true}});
    expect(allowed.exitCode, allowed.stderr).toBe(0);
    expect(rowsIn(allowed.messages, 'users')).toEqual(rowsIn(first.messages, 'users'));
  });

  test('ends with an error if its reader goes away, and sends all of it when it is resumed', async () => {
    const rehearsal = await rehearse({users: 300});
    const config = await writeJson(rehearsal.folder, 'config.json', configOf(rehearsal));
    const catalog = await writeJson(rehearsal.folder, 'catalog.json', catalogOf({users: {}, enrollments: {}}));
    const child = spawn(process.execPath, [main, 'singer', '--config', config, '--catalog', catalog]);
    const stderr = text(child.stderr);
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    expect(await once(child, 'exit')).toEqual([6, null]);
    const last = (await stderr).trimEnd().split('\n').at(-1) ?? '';
    expect(last).toContain('the program that reads them has ended or closed the pipe');
    const [, loadId = ''] = /--resume (\S+):/.exec(last) ?? [];
    const asked = rehearsal.asked().length;
    const {exitCode, messages} = await tap(rehearsal, ['users', 'enrollments'], {args: ['--resume', loadId]});
    expect(exitCode).toBe(0);
    expect(rowsIn(messages, 'users')).toEqual(rehearsal.truth('users'));
    expect(rehearsal.asked(asked).length).toBeLessThan(asked);
  });

  test('leaves what it read to load, which wants to be told where', async () => {
    const rehearsal = await rehearse();
    await tap(rehearsal, ['groups']);
    const load = ['load', 'last', '--state-dir', rehearsal.stateDir];
    expect(await runCli(load)).toMatchObject({exitCode: 2, stderr: expect.stringContaining('with --dest-uri')});
    expect((await runCli([...load, '--dest-uri', `duckdb:///${rehearsal.file}`])).exitCode).toBe(0);
    expect(await rehearsal.published('groups')).toEqual(rehearsal.truth('groups'));
    const uri = await runCli(['ingest', '--source-table', 'users', '--dest-uri', 'singer://stdout']);
    expect(uri).toMatchObject({exitCode: 2, stderr: expect.stringContaining('There is no destination "singer"')});
  });
});

describe('the catalog', () => {
  const discover = async (...args: readonly string[]) => {
    const {stdout} = await runCli(['singer', '--discover', ...args]);
    // Meltano reads no longer line.
    expect(Math.max(...stdout.split('\n').map(({length}) => length))).toBeLessThan(65_536);
    return JSON.parse(stdout) as {streams: Record<string, Json>[]};
  };

  test('lists every table with its schema and keys, without a tenant to ask', async () => {
    const {streams} = await discover();
    expect(streams.map(({tap_stream_id: id}) => id)).toEqual(tables.map(({name}) => name));
    for (const {stream, schema, metadata, key_properties: keys} of streams) {
      const table = tableNamed(String(stream));
      expect(keys).toEqual(table.primaryKey);
      const columns = Object.keys((schema?.['properties'] ?? {}) as Json);
      expect(columns).toEqual([...Object.keys(table.columns), '_docebo_load_id', '_docebo_extracted_at']);
      const about = metadata as unknown as {breadcrumb: string[]; metadata: Json}[];
      expect(about.map(({breadcrumb}) => breadcrumb)).toEqual([[], ...columns.map(name => ['properties', name])]);
      expect(about[0]?.metadata).toEqual({
        inclusion: 'available',
        'selected-by-default': true,
        'table-key-properties': table.primaryKey,
        'forced-replication-method': 'FULL_TABLE',
      });
      for (const {breadcrumb, metadata} of about.slice(1))
        expect(metadata['inclusion']).toBe(table.primaryKey.includes(breadcrumb[1] ?? '') ? 'automatic' : 'available');
    }
  });

  test('says INCREMENTAL of the tables that the config has merged', async () => {
    const rehearsal = await rehearse();
    const config = await writeJson(rehearsal.folder, 'config.json', {incremental_strategy: 'merge'});
    const {streams} = await discover('--config', config);
    const methods = new Map(streams.map(each => [String(each['stream']), each['replication_method']]));
    expect([methods.get('users'), methods.get('groups')]).toEqual(['INCREMENTAL', 'FULL_TABLE']);
  });

  test.each<[string, Json]>([
    ['metadata', {metadata: [{breadcrumb: [], metadata: {selected: true}}]}],
    [
      'metadata over a default',
      {metadata: [{breadcrumb: [], metadata: {selected: true, 'selected-by-default': false}}]},
    ],
    ['a default', {metadata: [{breadcrumb: [], metadata: {'selected-by-default': true}}]}],
    ['inclusion', {metadata: [{breadcrumb: [], metadata: {inclusion: 'automatic'}}]}],
    ['the stream itself', {selected: true}],
    ['its schema', {schema: {selected: true}}],
  ])('selects by %s, and leaves out what is not selected', async (_, chosen) => {
    const rehearsal = await rehearse();
    const left = [
      {tap_stream_id: 'groups', metadata: [{breadcrumb: [], metadata: {inclusion: 'available'}}]},
      {tap_stream_id: 'courses', selected: true, metadata: [{breadcrumb: [], metadata: {selected: false}}]},
      {tap_stream_id: 'branches', metadata: [{breadcrumb: [], metadata: {inclusion: 'unsupported', selected: true}}]},
    ];
    const {exitCode, messages} = await tap(rehearsal, {
      streams: [...left, {tap_stream_id: 'course_fields', ...chosen}],
    });
    expect(exitCode).toBe(0);
    expect(new Set(messages.flatMap(({stream}) => stream ?? []))).toEqual(new Set(['course_fields']));
    expect(rehearsal.asked().filter(path => /group|orgchart/.test(path))).toEqual([]);
  });

  test('leaves out columns that are not selected, but none of the key', async () => {
    const rehearsal = await rehearse();
    const left = {selected: false};
    const {messages} = await tap(
      rehearsal,
      catalogOf({users: {user_id: left, email: left, field_1: left, level: {inclusion: 'unsupported'}}}),
      {config: {load_metadata: false}},
    );
    const [schema, ...records] = messages.filter(({stream, type}) => stream === 'users' && type !== 'ACTIVATE_VERSION');
    const columns = Object.keys((schema?.['schema'] as {properties: Json} | undefined)?.properties ?? {});
    expect(columns).toEqual(expect.arrayContaining(['user_id', 'username', 'field_2']));
    for (const name of ['email', 'field_1', 'level', '_docebo_load_id']) expect(columns).not.toContain(name);
    for (const {record = {}} of records) expect(Object.keys(record)).toEqual(columns);
    expect(records).toHaveLength(60);
  });

  test.each<[string, unknown, string]>([
    ['of no JSON', '{"streams": [', 'does not hold JSON'],
    ['without streams', {}, 'holds no list of streams'],
    ['with an unknown stream', catalogOf({user: {}}), 'There is no table user. Did you mean users?'],
    ['that selects nothing', {streams: [{tap_stream_id: 'users', metadata: []}]}, 'selects no stream'],
    ['that selects one twice', {streams: [1, 2].map(() => ({stream: 'users', selected: true}))}, 'users twice'],
  ])('is refused if it is one %s', async (_, catalog, said) => {
    const rehearsal = await rehearse();
    const config = await writeJson(rehearsal.folder, 'config.json', configOf(rehearsal));
    const file = await writeJson(rehearsal.folder, 'catalog.json', catalog);
    // Under its old name as well.
    const {exitCode, stdout, stderr} = await runCli(['singer', '--config', config, '--properties', file]);
    expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''});
    expect(stderr).toContain(said);
    expect(rehearsal.asked()).toEqual([]);
  });
});

describe('the config', () => {
  test.each<[string, unknown, string]>([
    ['that is no JSON', '{"client_secret": "s3cret-of-mine', 'does not hold JSON'],
    ['that is a list', [], 'is not a JSON object'],
    [
      'with an unknown setting',
      {client_secrt: 's3cret-of-mine'},
      'unknown setting: client_secrt. Did you mean client_secret?',
    ],
    ['with a flag of ingest that is none of a tap', {source_table: 'users'}, 'unknown setting: source_table'],
    ['with a number out of range', {page_size: 500}, 'page_size takes a whole number from 1 to 200, not 500'],
    ['with a choice that there is not', {publish: 'some'}, 'publish takes per-table or all-or-nothing, not "some"'],
    ['with an object as a value', {page_size: {}}, 'page_size of the config is not a single value'],
    ['with a number as a secret', {client_secret: 12345678}, 'client_secret of the config is not a text'],
    [
      'without a secret',
      {base_url: 'https://acme.docebosaas.com', client_id: 'me'},
      'client_secret is missing. Give them in the config',
    ],
    [
      'that merges nothing',
      {lookback: '2d', base_url: 'https://x.test', token: 'abcdefgh'},
      'lookback would change nothing',
    ],
  ])('is refused if it is one %s', async (_, config, said) => {
    const {folder} = await rehearse();
    const {exitCode, stdout, stderr} = await runCli(['singer', '--config', await writeJson(folder, 'c.json', config)]);
    expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''});
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/s3cret|12345678/);
  });

  test('has to be given, and may leave to variables what it does not set', async () => {
    const {folder, emulator} = await rehearse();
    expect(await runCli(['singer'], {DOCEBO_INGEST_JSON: '1'})).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('Say --config and a file.'),
    });
    const {state_dir: stateDir, client_secret: _, ...rest} = configOf({emulator, stateDir: join(folder, 'state')});
    const config = await writeJson(folder, 'config.json', {
      ...rest,
      state_dir: stateDir,
      page_size: null,
      username: '',
    });
    const catalog = await writeJson(folder, 'catalog.json', catalogOf({groups: {}}));
    const args = ['singer', '--config', config, '--catalog', catalog];
    const {exitCode} = await runCli(args, {DOCEBO_CLIENT_SECRET: emulator.credentials.clientSecret});
    expect(exitCode).toBe(0);
    expect(existsSync(String(stateDir))).toBe(true);
  });

  test('is never shown, whatever is logged', async () => {
    const rehearsal = await rehearse();
    const secret = rehearsal.emulator.credentials.clientSecret;
    for (const config of [{}, {client_secret: `${secret}-wrong`}]) {
      const {stdout, stderr} = await tap(rehearsal, ['users'], {config, args: ['--debug']});
      expect(stdout + stderr).not.toContain(secret);
    }
  });

  test('is described by --about, as tap-docebo too', async () => {
    const {stdout} = await runCli(['singer', '--about']);
    const {settings} = JSON.parse(stdout) as {settings: {properties: Record<string, Json>}};
    const secrets = Object.entries(settings.properties).flatMap(([name, {secret}]) => (secret === true ? [name] : []));
    expect(secrets).toEqual(['client_secret', 'password', 'refresh_token', 'token']);
    expect(settings.properties['page_size']).toMatchObject({type: 'integer', default: 200});
    expect(JSON.stringify(settings)).not.toContain('--');
    const named = await new Promise(resolve => {
      execFile(process.execPath, [main.replace('main.cjs', 'tap-docebo.cjs'), '--about'], (_error, printed) =>
        resolve(printed),
      );
    });
    expect(named).toBe(stdout);
  });

  test('is that of the meltano.yml in README.md', async () => {
    const {stdout} = await runCli(['singer', '--about']);
    const {settings, capabilities} = JSON.parse(stdout) as {settings: {properties: Json}; capabilities: string[]};
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(readme) ?? [];
    const [tapped = ''] = yaml.split('loaders:');
    const named = [...tapped.matchAll(/\{name: (\w+)/g)].map(([, name]) => name);
    const [, set = ''] = /config:\n(.*?)\n +select:/s.exec(tapped) ?? [];
    const given = [...set.matchAll(/^ +(\w+):/gm)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(3);
    expect(Object.keys(settings.properties)).toEqual(expect.arrayContaining(named));
    expect(named).toEqual(expect.arrayContaining(given));
    const [, listed = ''] = /capabilities: \[(.*)\]/.exec(tapped) ?? [];
    expect(capabilities).toEqual(expect.arrayContaining(listed.split(', ')));
    const [, selected = ''] = /select: \[(.*)\]/.exec(tapped) ?? [];
    for (const [, name = ''] of selected.matchAll(/'(\w+)\.\*'/g)) expect(tableNamed(name).name).toBe(name);
  });
});
