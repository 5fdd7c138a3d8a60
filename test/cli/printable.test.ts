import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {PassThrough} from 'node:stream';
import {stripVTControlCharacters} from 'node:util';
import {describe, expect, it, onTestFinished, test} from 'vitest';
import {formatTable} from '../../src/cli/printing/format.js';
import {openInteractiveProgress} from '../../src/cli/progress/interactive.js';
import {openLogProgress} from '../../src/cli/progress/log.js';
import {openJsonProgress} from '../../src/cli/progress/progress.js';
import {toJson, toLine} from '../../src/printable.js';
import type {RunEvent} from '../../src/report.js';
import {Secret} from '../../src/secret.js';
import {listen} from '../source/tenant.js';
import {runCli} from './run-cli.js';

/** Sets a title, moves up, forges a line, turns text round, hides a letter; by two bytes and by one. */
const hostile =
  '\u001b]0;title\u0007\u001b[1A\n2026-01-01T00:00:00.000Z users: 99 records\r\n\u009b2J\u0085\u2028\u202Etxt\u2066a\u200bb\ufeff\u{e0041}\u0000\u007f\ud800';
const raw = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

describe('a text of anybody', () => {
  it('is one line, and what is invisible in it is spelt out', () => {
    expect(toLine(hostile)).toBe(
      '\\u001b]0;title\\u0007\\u001b[1A 2026-01-01T00:00:00.000Z users: 99 records \\u009b2J \\u202etxt\\u2066a\\u200bb\\ufeff\\udb40\\udc41\\u0000\\u007f\\ud800',
    );
    expect(toLine('Prüfung – 試験 «ok» 👍 …')).toBe('Prüfung – 試験 «ok» 👍 …');
  });

  it('is the same text in JSON, which a terminal may have', () => {
    const json = toJson({[hostile]: [hostile, 1, null, {a: hostile}]});
    expect(json).not.toMatch(raw);
    expect(JSON.parse(json)).toEqual({[hostile]: [hostile, 1, null, {a: hostile}]});
    expect(toJson({a: 1, seconds: 0.123456789012, all: 1e300})).toBe('{"a":1,"seconds":0.123,"all":1e+300}');
  });

  it('shows no secret in JSON, as a member and as its name, and stays JSON', () => {
    new Secret('12345678');
    new Secret('a"quoted\\secret');
    const json = toJson({'12345678': 12345678, said: 'a"quoted\\secret', list: [JSON.stringify('a"quoted\\secret')]});
    expect(JSON.parse(json)).toEqual({'***': 12345678, said: '***', list: ['"***"']});
  });

  it('takes one line of a table, and its columns stay in line', () => {
    const lines = formatTable(
      [{title: 'a'}, {title: 'b'}],
      [
        [hostile, 'x'],
        ['y', 'z'],
      ],
      200,
    )
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toMatch(raw);
    expect(lines[1]?.lastIndexOf('x')).toBe(lines[2]?.indexOf('z'));
  });
});

const events: readonly RunEvent[] = [
  {type: 'table_started', table: hostile},
  {
    type: 'page_landed',
    table: hostile,
    records: 1,
    expected: 2,
    requests: 1,
    requestsExpected: 1,
    calls: {made: 1, left: 0, seconds: 1, hour: {used: 1, limit: 2}},
  },
  {type: 'table_extracted', table: hostile, records: 1, requests: 1},
  {type: 'publishing', table: hostile, done: 0, tables: 1},
  {type: 'table_failed', table: hostile, message: hostile},
  {type: 'table_failed', table: hostile, message: hostile, isTold: true},
  {type: 'waiting', reason: hostile, seconds: 3},
  {type: 'retrying', request: hostile, attempt: 1, reason: hostile},
  {type: 'debug', message: hostile},
];

test.each(events)('an event is one line: $type', event => {
  const stream = new PassThrough({encoding: 'utf8'});
  for (const open of [openLogProgress, openJsonProgress]) {
    let nowMs = 0;
    const {onEvent, close} = open(stream, () => nowMs);
    // By then a log tells how far the run has come.
    nowMs = 60_000;
    onEvent(event);
    close();
    expect(String(stream.read())).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+\n$/u);
  }
  const terminal = Object.assign(new PassThrough({encoding: 'utf8'}), {columns: 4000, rows: 40});
  const {onEvent, close} = openInteractiveProgress(terminal as unknown as NodeJS.WriteStream, () => 0);
  onEvent(event);
  onEvent({type: 'debug', message: 'drawn'});
  close();
  const drawn = String(terminal.read());
  for (const sent of ['\u001b]', '\u0007', '\u009b', '\u0085', '\u2028', '\u202e', '\u200b', '\u0000'])
    expect(drawn).not.toContain(sent);
  expect(stripVTControlCharacters(drawn)).not.toMatch(/^\s*2026/m);
});

test('what Docebo says reaches neither stderr nor stdout raw', async () => {
  let calls = 0;
  const url = await listen((request, response) => {
    calls++;
    if (request.url === '/oauth2/token') response.end('{"access_token":"a-token"}');
    else if (calls === 2) response.writeHead(500).end(JSON.stringify({message: hostile}));
    else if (calls === 3)
      response.end(
        JSON.stringify({
          data: {items: [{user_id: 1, [hostile]: hostile}], count: 1, total_count: 1, has_more_data: false},
        }),
      );
    else response.writeHead(403).end(JSON.stringify({message: [hostile]}));
  });
  const env = {DOCEBO_BASE_URL: url, DOCEBO_CLIENT_ID: 'client', DOCEBO_CLIENT_SECRET: 'the-client-secret'};
  const places = ['--dest-uri', 'jsonl://out', '--state-dir', 'state', '--source-table', 'users,groups'];
  const folder = await mkdtemp(join(tmpdir(), 'docebo-printable-'));
  onTestFinished(() => rm(folder, {recursive: true}));
  for (const how of [['--debug'], ['--json', '--progress', 'json', '--debug']]) {
    calls = 0;
    const {stdout, stderr} = await runCli(['ingest', ...places, ...how], env, folder);
    expect(stderr).toContain('u001b]0;title');
    for (const line of `${stdout}${stderr}`.split('\n')) {
      expect(line).not.toMatch(raw);
      expect(line).not.toMatch(/^\s*2026-01-01/);
    }
  }
});

test('what an error holds that nobody caught is not shown, and the exit code is that of a bug', async () => {
  const thrown = `setTimeout(() => {throw Object.assign(new Error('odd'), {data: ['never', 'seen'].join('-')})}, 1)`;
  const {exitCode, stderr} = await runCli(['emulator'], {NODE_OPTIONS: `--import="data:text/javascript,${thrown}"`});
  expect({exitCode, stderr}).toEqual({exitCode: 70, stderr: expect.stringMatching(/this is a bug.*\n$/i)});
  expect(stderr).not.toContain('never-seen');
});
