import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {cp, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {readCapture} from '../../src/capture/read-capture.js';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import {UsageError} from '../../src/errors.js';
import {main, runCli} from './run-cli.js';

let emulator: Emulator;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-capture-'));
  emulator = await startEmulator({users: 20});
});

afterEach(async () => {
  await emulator.close();
  await rm(folder, {recursive: true, force: true});
});

const capture = (out: string, ...more: string[]) => {
  const source = ['--source-uri', writeSourceUri(emulator), '--state-dir', join(folder, 'state')];
  return runCli(['capture', ...source, '--source-table', 'users,course_details', '--out', out, ...more]);
};

test('capture writes a folder to be read, and the emulator serves it until it is stopped', async () => {
  const out = join(folder, 'a', 'capture');
  const {exitCode, stdout, stderr} = await capture(out);
  expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''});
  expect(stdout).toMatch(/^table +seen\nusers +read\ncourse_details +read\ncourses +read\n/);
  expect(stdout).toContain(`${out} holds the shapes of 12 replies`);
  expect((await readdir(out)).sort()).toEqual([
    'README.txt',
    'capture.json',
    'course_details.json',
    'courses.json',
    'users.json',
  ]);
  expect(await readdir(join(folder, 'a'))).toEqual(['capture']);

  const child = spawn(process.execPath, [main, 'emulator', '--replay', out], {stdio: ['ignore', 'pipe', 'ignore']});
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    await lines.next();
    const {value: uri} = await lines.next();
    const file = join(folder, 'out.duckdb');
    const into = ['--dest-uri', `duckdb:///${file}`, '--state-dir', join(folder, 'replayed'), '--json'];
    const loaded = await runCli(['ingest', '--source-uri', uri, '--source-table', 'users,course_details', ...into]);
    expect(JSON.parse(loaded.stdout)).toMatchObject({
      tables: [
        {table: 'users', status: 'published', rows: 20},
        {table: 'course_details', status: 'published'},
      ],
    });
    const other = await runCli(['check', '--source-uri', uri, '--source-table', 'badges']);
    expect(other.stderr).toContain('This tenant does not serve badges.');
  } finally {
    child.kill('SIGTERM');
  }
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a program is told what was captured', async () => {
  const {stdout} = await capture(join(folder, 'capture'), '--json');
  expect(JSON.parse(stdout)).toMatchObject({calls: 12, tables: [{table: 'users', seen: 'read'}, {}, {}]});
});

describe('before the first request', () => {
  test('capture refuses a folder that is not empty, one that is none, a report, and a tenant without credentials', async () => {
    await writeFile(join(folder, 'file'), '');
    const full = await capture(folder);
    expect(full).toMatchObject({exitCode: 2, stderr: expect.stringContaining(`${folder} is not empty. `)});
    expect(full.stderr).toContain('name another with --out');
    const file = await capture(join(folder, 'file'));
    expect(file).toMatchObject({exitCode: 2, stderr: expect.stringContaining('is not a folder. ')});
    const below = await capture(join(folder, 'file', 'capture'));
    expect(below.exitCode).not.toBe(0);
    const report = await runCli(['capture', '--source-table', 'report:7', '--out', join(folder, 'new')]);
    expect(report).toMatchObject({exitCode: 2, stderr: expect.stringContaining('Reports are not captured')});
    const anonymous = await runCli(['capture', '--out', join(folder, 'new')], {HOME: folder});
    expect(anonymous).toMatchObject({exitCode: 2, stderr: expect.stringContaining('DOCEBO_BASE_URL')});
    expect(emulator.requests).toEqual([]);
    expect(await readdir(folder)).toEqual(['file']);
  });
});

test('refused credentials leave no folder behind', async () => {
  const uri = writeSourceUri({...emulator, credentials: {clientId: 'docebo-demo', clientSecret: 'not-the-secret'}});
  const args = ['--source-uri', uri, '--state-dir', join(folder, 'state'), '--out', join(folder, 'capture')];
  expect((await runCli(['capture', ...args])).exitCode).toBe(3);
  expect((await readdir(folder)).filter(name => name !== 'state')).toEqual([]);
});

describe('a replay refuses', () => {
  const damages: readonly (readonly [string, (out: string) => Promise<unknown>, RegExp])[] = [
    ['a folder without a capture', out => rm(join(out, 'capture.json')), /holds no capture.json.* --out has written/],
    ['one that lacks a file', out => rm(join(out, 'users.json')), /users.json is missing.* Copy the whole folder/],
    ['a file that is cut short', out => cut(join(out, 'users.json')), /users.json is damaged.* Copy the whole folder/],
    ['a head that is no JSON', out => writeFile(join(out, 'capture.json'), 'no'), /capture.json is damaged/],
    ['a member of another type', out => edit(out, 'users.json', /"status": 200/g, '"status": "x"'), /is damaged/],
    ['a path out of the folder', out => edit(out, 'capture.json', '"users.json"', '"../users.json"'), /is damaged/],
    ['a newer version', out => edit(out, 'capture.json', '"format": 1', '"format": 2'), /format 2.* Install a newer/],
  ];

  test('what is damaged, missing or newer, and says what to do', async () => {
    const whole = join(folder, 'whole');
    await capture(whole);
    await readCapture(whole);
    for (const [what, damage, said] of damages) {
      const out = join(folder, what);
      await cp(whole, out, {recursive: true});
      await damage(out);
      const error = await readCapture(out).catch(refusal => refusal);
      expect(error, what).toBeInstanceOf(UsageError);
      expect(`${error.message} ${error.hint}`, what).toMatch(said);
    }
    const {exitCode, stdout, stderr} = await runCli(['emulator', '--replay', join(folder, damages[0]?.[0] ?? '')]);
    expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''});
    expect(stderr).toMatch(/^docebo-ingest: There is no capture in /);
  });
});

async function cut(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.slice(0, text.length / 2));
}

async function edit(folder: string, name: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(join(folder, name), 'utf8');
  expect(text).toMatch(from);
  await writeFile(join(folder, name), text.replace(from, to));
}
