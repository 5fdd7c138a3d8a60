import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {inConfig} from '../../src/cli/connectors/settings.js';
import {tables} from '../../tables/index.js';
import {runCli} from '../cli/run-cli.js';
import {type Rehearsal, rehearse, tableNamed} from '../helpers/rehearsal.js';
import {lacksPython, runPython} from './python.js';
import {configOf, type Json, toRows, writeJson} from './tap.js';

type Message = Json & {readonly type: string};
type Mode = 'full_refresh' | 'incremental';

async function act(
  rehearsal: Pick<Rehearsal, 'emulator' | 'stateDir' | 'folder'>,
  action: string,
  {
    config = {},
    catalog,
    state,
    args = [],
  }: {config?: Json; catalog?: unknown; state?: unknown; args?: readonly string[]} = {},
) {
  const {folder} = rehearsal;
  const files = [
    ...['--config', await writeJson(folder, 'config.json', {...configOf(rehearsal), ...config})],
    ...(catalog === undefined ? [] : ['--catalog', await writeJson(folder, 'catalog.json', catalog)]),
    ...(state === undefined ? [] : ['--state', await writeJson(folder, 'state.json', state)]),
  ];
  const outcome = await runCli(['airbyte', action, ...files, ...args]);
  const lines = outcome.stdout.split('\n').filter(line => line !== '');
  return {...outcome, messages: lines.map((line): Message => JSON.parse(line))};
}

function configured(streams: readonly string[], mode: Mode = 'full_refresh', more: Json = {}): Json {
  return {
    streams: streams.map(name => ({
      stream: {name, json_schema: {}, supported_sync_modes: [mode], ...more},
      sync_mode: mode,
      destination_sync_mode: 'overwrite',
    })),
  };
}

const part = (message: Message, name: string) => message[name] as Json;

/** The rows of a stream's records. */
function recordsOf(messages: readonly Message[], name: string): readonly Json[] {
  const records = messages.filter(({type}) => type === 'RECORD').map(message => part(message, 'record'));
  return records.filter(({stream}) => stream === name).map(({data}) => data as Json);
}

/** What was said of each stream, in order: its statuses, and R and S for records and the state. */
function storiesOf(messages: readonly Message[]): Readonly<Record<string, string>> {
  const stories: Record<string, string[]> = {};
  const tell = (name: unknown, said: unknown) => {
    stories[String(name)] ??= [];
    const story = stories[String(name)];
    if (story?.at(-1) !== said) story?.push(String(said));
  };
  for (const message of messages) {
    const {type} = message;
    if (type === 'RECORD') tell(part(message, 'record')['stream'], 'R');
    if (type === 'STATE') tell(nameIn(part(message, 'state')['stream']), 'S');
    if (type !== 'TRACE') continue;
    const {stream_status: status, error} = part(message, 'trace') as {stream_status?: Json; error?: Json};
    if (status !== undefined) tell(nameIn(status), status['status']);
    if (error !== undefined) tell(nameIn(error), `ERROR ${error['failure_type']}`);
  }
  return Object.fromEntries(Object.entries(stories).map(([name, story]) => [name, story.join(' ')]));
}

function nameIn(holder: unknown): unknown {
  return ((holder as Json)['stream_descriptor'] as Json | undefined)?.['name'];
}

/** The states of the streams, as the next run is given them. */
const statesOf = (messages: readonly Message[]) =>
  messages.filter(({type}) => type === 'STATE').map(message => part(message, 'state'));

const whole = 'STARTED RUNNING R S COMPLETE';

describe('docebo-ingest airbyte', () => {
  test('reads every stream: what the emulator holds, and nothing beside messages on stdout', async () => {
    const rehearsal = await rehearse();
    const {messages, exitCode, stderr} = await act(rehearsal, 'read', {
      catalog: configured(tables.map(({name}) => name)),
    });
    expect(exitCode, stderr).toBe(0);
    for (const {name} of tables) {
      const records = recordsOf(messages, name);
      expect(toRows(name, records), name).toEqual(rehearsal.truth(name));
      expect(storiesOf(messages)[name]).toBe(whole);
      const state = messages.find(
        ({type, ...each}) => type === 'STATE' && nameIn(part(each as Message, 'state')['stream']) === name,
      );
      expect(state).toMatchObject({
        state: {
          type: 'STREAM',
          stream: {stream_state: {load_id: expect.any(String), version: expect.any(Number), rows: records.length}},
          sourceStats: {recordCount: records.length},
        },
      });
    }
  });

  test('reads incrementally the rows that were read since the state, and none that a merge has carried over', async () => {
    const rehearsal = await rehearse({users: 100});
    const config = {incremental_strategy: 'merge', page_size: 10, audit: 0, lookback: '1s'};
    const catalog = configured(['users'], 'incremental');
    const first = await act(rehearsal, 'read', {config, catalog});
    expect(toRows('users', recordsOf(first.messages, 'users'))).toEqual(rehearsal.truth('users'));

    rehearsal.emulator.edit('users').touch(3);
    const state = statesOf(first.messages);
    const second = await act(rehearsal, 'read', {config, catalog, state});
    const sent = recordsOf(second.messages, 'users');
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length).toBeLessThan(50);
    const key = ({user_id: id}: Json) => id;
    const kept = recordsOf(first.messages, 'users').filter(row => !sent.map(key).includes(key(row)));
    expect(toRows('users', [...kept, ...sent])).toEqual(rehearsal.truth('users'));
    expect(statesOf(second.messages)[0]).toMatchObject({
      stream: {stream_state: {rows: 100}},
    });
    expect(part(second.messages.find(({type}) => type === 'STATE') ?? {type: ''}, 'state')['sourceStats']).toEqual({
      recordCount: sent.length,
    });

    // Who asks for more than is offered is sent the whole table.
    const replaced = await act(rehearsal, 'read', {config: {page_size: 10}, catalog, state});
    expect(toRows('users', recordsOf(replaced.messages, 'users'))).toEqual(rehearsal.truth('users'));

    // A clock that was put back would leave out what it dates before that.
    const ahead = state.map(each => ({
      ...each,
      stream: {
        ...(each['stream'] as Json),
        stream_state: {
          ...((each['stream'] as Json)['stream_state'] as Json),
          read_to: '2999-01-01T00:00:00Z',
        },
      },
    }));
    const third = await act(rehearsal, 'read', {config, catalog, state: ahead});
    expect(recordsOf(third.messages, 'users')).toHaveLength(100);
  });

  test('reads incrementally the whole table if rows may differ that were not read again', async () => {
    const rehearsal = await rehearse({users: 100, dropdowns: 'ids'});
    const config = {incremental_strategy: 'merge', page_size: 10, audit: 0, lookback: '1s'};
    const choose = (streams: readonly string[], ...columns: readonly string[]) =>
      configured(streams, 'incremental', {
        json_schema: {properties: Object.fromEntries(columns.map(name => [name, {}]))},
      });
    const catalog = choose(['users'], 'username');
    const first = await act(rehearsal, 'read', {config, catalog});
    const state = statesOf(first.messages);
    const read = async (given: Parameters<typeof act>[2] = {}) => {
      const {messages, exitCode, stderr} = await act(rehearsal, 'read', {config, catalog, state, ...given});
      expect(exitCode, stderr).toBe(0);
      return recordsOf(messages, 'users');
    };
    expect((await read()).length).toBeLessThan(50);
    expect(await read({config: {...config, invalid_dates: 'null'}})).toHaveLength(100);
    expect(await read({config: {...config, custom_fields: 'title'}})).toHaveLength(100);
    expect(await read({catalog: choose(['users'], 'username', 'email')})).toHaveLength(100);
    const labelled = await read({catalog: choose(['users', 'user_fields', 'user_field_options'], 'username')});
    expect(labelled.filter(row => row['field_3'] && !row['field_3_label'])).toEqual([]);
    expect(labelled).toHaveLength(100);
  });

  test('reads incrementally the whole of an older table that is allowed to replace a newer one', async () => {
    const rehearsal = await rehearse({users: 40});
    const catalog = configured(['users', 'certifications'], 'incremental');
    const config = {incremental_strategy: 'merge', allow_older: true};
    rehearsal.emulator.setFaults([
      {match: '/learn/v1/certification', kind: 'status', status: 403, times: Number.POSITIVE_INFINITY},
    ]);
    const first = await act(rehearsal, 'read', {config, catalog});
    rehearsal.emulator.setFaults([]);
    rehearsal.emulator.edit('users').touch(3);
    const second = await act(rehearsal, 'read', {config, catalog, state: statesOf(first.messages)});
    const [, run = ''] = /"load_id":"([^"]+)"/.exec(first.stdout) ?? [];
    const args = ['--resume', run];
    const resumed = await act(rehearsal, 'read', {config, catalog, state: statesOf(second.messages), args});
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    const rows = (messages: readonly Message[]) => toRows('users', recordsOf(messages, 'users'));
    expect(rows(resumed.messages)).toEqual(rows(first.messages));
  });

  test('says of each stream that is not proved why, and whose fault that is', async () => {
    const rehearsal = await rehearse();
    const times = Number.POSITIVE_INFINITY;
    rehearsal.emulator.setFaults([
      {match: '/learn/v1/certification', kind: 'status', status: 403, times},
      {match: '/audiences', kind: 'status', status: 400, times},
    ]);
    const {exitCode, messages} = await act(rehearsal, 'read', {
      catalog: configured(['certifications', 'groups', 'course_fields']),
    });
    expect(exitCode).toBe(7);
    expect(storiesOf(messages)).toEqual({
      course_fields: whole,
      certifications: 'STARTED ERROR config_error INCOMPLETE',
      groups: 'STARTED ERROR system_error INCOMPLETE',
    });
  });

  test.each([
    ['allow it with --max-shrink 51.', 'allow it with max_shrink: 51.'],
    [
      'with --no-load-metadata, or --resume X and --allow-empty',
      'with load_metadata: false, or --resume X and allow_empty',
    ],
  ])('says %j of its config', (hint, said) => {
    expect(inConfig(hint)).toBe(said);
  });

  test('completes a stream that the tenant does not have, if all streams were chosen', async () => {
    const rehearsal = await rehearse({users: 20, without: ['gamification']});
    const {exitCode, messages} = await act(rehearsal, 'read', {catalog: configured(tables.map(({name}) => name))});
    expect(exitCode).toBe(0);
    expect(storiesOf(messages)['badges']).toBe('STARTED COMPLETE');
    expect(messages).toContainEqual({
      type: 'LOG',
      log: {level: 'WARN', message: expect.stringContaining('badges is absent: ')},
    });
  });

  test('leaves out columns that were not chosen, but none of the key and none that nobody could choose', async () => {
    const rehearsal = await rehearse();
    const chosen = {json_schema: {properties: {username: {type: 'string'}}}};
    const {messages} = await act(rehearsal, 'read', {catalog: configured(['users'], 'full_refresh', chosen)});
    const [first = {}] = recordsOf(messages, 'users');
    expect(Object.keys(first)).toEqual(expect.arrayContaining(['user_id', 'username', 'field_1']));
    for (const left of ['email', 'level', '_docebo_load_id']) expect(first).not.toHaveProperty(left);
  });

  test('describes its settings, and keeps those that are secret', async () => {
    const rehearsal = await rehearse();
    const {messages} = await act(rehearsal, 'spec');
    const {connectionSpecification: spec} = part(messages[0] ?? {type: ''}, 'spec') as Record<string, Json>;
    const properties = Object.entries(spec?.['properties'] as Record<string, Json>);
    expect(properties.flatMap(([name, {airbyte_secret: secret}]) => (secret === true ? [name] : []))).toEqual([
      'client_secret',
      'password',
      'refresh_token',
      'token',
    ]);
    expect(properties.map(([, {order}]) => order)).toEqual(properties.map((_, order) => order));
    for (const [, {title, description}] of properties) expect(title && description).toBeTruthy();
  });

  test('discovers every stream, with the modes in which it can be read', async () => {
    const rehearsal = await rehearse();
    const discover = async (config: Json) => {
      const {messages} = await act(rehearsal, 'discover', {config});
      return part(messages[0] ?? {type: ''}, 'catalog')['streams'] as readonly Json[];
    };
    const streams = await discover({});
    expect(streams.map(({name}) => name)).toEqual(tables.map(({name}) => name));
    for (const stream of streams) {
      const keys = tableNamed(String(stream['name'])).primaryKey.map(column => [column]);
      expect(stream).toMatchObject({
        source_defined_primary_key: keys,
        supported_sync_modes: ['full_refresh'],
        is_resumable: false,
      });
    }
    const merged = await discover({incremental_strategy: 'merge'});
    expect(merged.find(({name}) => name === 'users')).toMatchObject({
      supported_sync_modes: ['full_refresh', 'incremental'],
      source_defined_cursor: true,
      default_cursor_field: ['_docebo_extracted_at'],
    });
    expect(merged.find(({name}) => name === 'groups')).not.toHaveProperty('source_defined_cursor');
    expect(rehearsal.asked()).toEqual([]);
  });

  test('checks a connection, and answers with what is wrong', async () => {
    const rehearsal = await rehearse();
    const statusOf = async (config: Json) => {
      const {exitCode, messages} = await act(rehearsal, 'check', {config});
      expect(exitCode).toBe(0);
      expect(messages).toHaveLength(1);
      return part(messages[0] ?? {type: ''}, 'connectionStatus');
    };
    expect(await statusOf({})).toEqual({status: 'SUCCEEDED'});
    expect(await statusOf({client_secret: 'wr0ng-secret'})).toEqual({
      status: 'FAILED',
      message: expect.stringContaining('Check client id'),
    });
    expect(await statusOf({page_size: 1000})).toEqual({
      status: 'FAILED',
      message: expect.stringContaining('page_size takes a whole number'),
    });
    rehearsal.emulator.setFaults([
      {match: /(manage|learn|course)\/v1\//, kind: 'status', status: 403, times: Number.POSITIVE_INFINITY},
    ]);
    expect(await statusOf({})).toMatchObject({status: 'FAILED', message: expect.stringContaining('users: ')});
  });

  test.each<[string, string, Json, string]>([
    ['an unknown action', 'reed', {}, 'airbyte does not know reed.'],
    ['a stream that there is not', 'read', {catalog: configured(['user'])}, 'There is no table user.'],
    ['an empty catalog', 'read', {catalog: {streams: []}}, 'The catalog holds no streams.'],
    ['no catalog', 'read', {}, 'Say --catalog and a file.'],
  ])('tells of %s as a message too', async (_, action, given, said) => {
    const rehearsal = await rehearse();
    const {exitCode, stderr, messages} = await act(rehearsal, action, given);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(said);
    expect(messages).toMatchObject([
      {
        type: 'TRACE',
        trace: {type: 'ERROR', error: {failure_type: 'config_error', message: expect.stringContaining(said)}},
      },
    ]);
  });

  test('shows no secret, in messages neither', async () => {
    const rehearsal = await rehearse();
    const secret = `${rehearsal.emulator.credentials.clientSecret}-wrong`;
    const {exitCode, stdout, stderr} = await act(rehearsal, 'read', {
      config: {client_secret: secret},
      catalog: configured(['users']),
    });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('"failure_type":"config_error"');
    expect(stdout + stderr).not.toContain(secret);
  });
});

describe.skipIf(lacksPython !== '')(`Airbyte's own models${lacksPython}`, () => {
  test('know every message', async () => {
    const rehearsal = await rehearse({users: 20, without: ['gamification']});
    rehearsal.emulator.setFaults([
      {match: '/learn/v1/certification', kind: 'status', status: 403, times: Number.POSITIVE_INFINITY},
    ]);
    const config = {incremental_strategy: 'merge'};
    const catalog = configured(tables.map(({name}) => name));
    const said = await Promise.all([
      act(rehearsal, 'spec'),
      act({...rehearsal, folder: rehearsal.folder}, 'discover', {config}),
      act(rehearsal, 'check', {config}),
    ]);
    const read = await act(rehearsal, 'read', {config, catalog});
    const lines = [...said, read].map(({stdout}) => stdout).join('');
    expect(new Set(lines.match(/^\{"type":"[A-Z_]+"/gm))).toHaveProperty('size', 7);
    const script = fileURLToPath(new URL('validate_airbyte.py', import.meta.url));
    await runPython('python', [script], lines);
  });
});
