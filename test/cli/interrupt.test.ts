import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {setTimeout as sleep} from 'node:timers/promises';
import {expect, test} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {withInterrupt} from '../../src/cli/progress/interrupt.js';
import {startEmulator} from '../../src/emulator/index.js';
import {InterruptedError} from '../../src/errors.js';
import {holdFile} from '../crash/hold.js';
import {listen} from '../source/tenant.js';
import {main, runCli} from './run-cli.js';

const always = Number.POSITIVE_INFINITY;

test.each([
  [
    'ingest',
    ['--dest-uri', 'duckdb:///out.duckdb', '--source-table', 'users'],
    ': nothing was published, every table is as it was',
  ],
  // They publish nothing anyway.
  ['check', [], ''],
  ['plan', [], ''],
])('%s that is sent one signal after the other still says what became of it', async (command, more, outcome) => {
  const emulator = await startEmulator({users: 30});
  const folder = mkdtempSync(join(tmpdir(), 'docebo-signals-'));
  try {
    emulator.setFaults([{match: '/manage/v1/user', kind: 'hang', times: always}]);
    const source = ['--source-uri', writeSourceUri(emulator), '--state-dir', join(folder, 'state')];
    const child = spawn(process.execPath, [main, command, ...source, ...more], {cwd: folder});
    const stderr = text(child.stderr);
    while (!emulator.requests.some(({path}) => path.includes('/manage/v1/user'))) await sleep(20);
    const stop = setInterval(() => child.kill('SIGTERM'), 5);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    clearInterval(stop);
    expect((await stderr).trimEnd().split('\n').at(-1)).toMatch(
      new RegExp(`^docebo-ingest: Stopped by SIG(TERM|INT)${outcome}\\. Run the same command again\\.$`),
    );
  } finally {
    await emulator.close();
    rmSync(folder, {recursive: true, force: true});
  }
});

/** The signal comes as soon as the command can hear one: only Node runs before that. */
test.each([
  ['check', 'SIGHUP'],
  ['demo', 'SIGTERM'],
])('%s that is sent %s at its very start says so', async (command, signal) => {
  const folder = mkdtempSync(join(tmpdir(), 'docebo-signals-'));
  try {
    const hook = join(folder, 'strike.cjs');
    // In time even if the machine is busy: the command waits for a server that says nothing.
    writeFileSync(hook, `setImmediate(() => process.kill(process.pid, '${signal}'));`);
    const url = await listen(() => {});
    const env = {
      NODE_OPTIONS: `--require ${hook}`,
      HOME: folder,
      DOCEBO_BASE_URL: url,
      DOCEBO_CLIENT_ID: 'client',
      DOCEBO_CLIENT_SECRET: 'the-client-secret',
    };
    const {exitCode, stderr} = await runCli([command], env, folder);
    const last = stderr.trimEnd().split('\n').at(-1);
    expect({exitCode, last}).toEqual({
      exitCode: 130,
      last: expect.stringMatching(
        new RegExp(`^docebo-ingest: Stopped by ${signal}(: nothing was .*)?\\. Run the same command again\\.$`),
      ),
    });
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
});

/** Whoever stops a run cannot know how far it has come: from there on every moment up to its end is struck. */
test.each([0, 1, 3, 10])(
  'signals from %i ms after a table is in place to the end take nothing from the exit code',
  async afterMs => {
    const emulator = await startEmulator({users: 30});
    const folder = mkdtempSync(join(tmpdir(), 'docebo-signals-'));
    try {
      mkdirSync(join(folder, 'out'));
      const source = ['--source-uri', writeSourceUri(emulator), '--state-dir', join(folder, 'state')];
      const args = ['ingest', ...source, '--source-table', 'users', '--dest-uri', 'jsonl://out', '--json'];
      const child = spawn(process.execPath, [main, ...args], {cwd: folder});
      const stdout = text(child.stdout);
      const ended = once(child, 'close');
      while (!existsSync(join(folder, 'out', 'users.jsonl')) && child.exitCode === null)
        await new Promise(setImmediate);
      await sleep(afterMs);
      child.kill('SIGINT');
      child.stdout.once('data', function strike() {
        child.kill('SIGTERM');
        if (child.exitCode === null && child.signalCode === null) setImmediate(strike);
      });
      expect(await ended).toEqual([0, null]);
      expect(JSON.parse(await stdout)).toMatchObject({exitCode: 0, tables: [{status: 'published'}]});
    } finally {
      await emulator.close();
      rmSync(folder, {recursive: true, force: true});
    }
  },
);

test('load that waits for a file can be stopped, and says so', async () => {
  const emulator = await startEmulator({users: 30});
  const folder = mkdtempSync(join(tmpdir(), 'docebo-signals-'));
  try {
    const places = ['--state-dir', join(folder, 'state'), '--dest-uri', 'duckdb:///out.duckdb'];
    const source = ['--source-uri', writeSourceUri(emulator), '--source-table', 'users'];
    expect(await runCli(['ingest', ...source, ...places], {}, folder)).toMatchObject({exitCode: 0});
    const ended = await holdFile(join(folder, 'out.duckdb'), async () => {
      const refused = await runCli(['load', 'last', ...places, '--lock-timeout', '0', '--json'], {}, folder);
      expect(JSON.parse(refused.stdout)).toMatchObject({exitCode: 6, loadId: expect.stringMatching(/^20/)});
      const child = spawn(process.execPath, [main, 'load', 'last', ...places, '--lock-timeout', '600'], {cwd: folder});
      const said: string[] = [];
      child.stderr.on('data', chunk => {
        said.push(String(chunk));
        if (
          /waiting at most until .* \(10 min\): .* is held by another process.*\(--lock-timeout 600\)/.test(
            String(chunk),
          )
        )
          child.kill('SIGINT');
      });
      const [exitCode] = await once(child, 'close');
      return {exitCode, last: said.join('').trimEnd().split('\n').at(-1)};
    });
    expect(ended).toEqual({
      exitCode: 130,
      last: 'docebo-ingest: Stopped by SIGINT: nothing was published, every table is as it was. Run the same command again.',
    });
  } finally {
    await emulator.close();
    rmSync(folder, {recursive: true, force: true});
  }
});

test('a signal that comes again within a second is the same wish; a later one does not wait', async () => {
  const others = new Set(process.listeners('SIGINT'));
  let nowMs = 0;
  let again = 0;
  let goOn = () => {};
  const work = withInterrupt(
    async signal => {
      await new Promise<void>(resolve => {
        goOn = resolve;
      });
      signal.throwIfAborted();
    },
    {purpose: 'ask', now: () => nowMs, onAgain: () => again++},
  );
  const ended = expect(work).rejects.toThrow(InterruptedError);
  process.emit('SIGINT', 'SIGINT');
  nowMs = 999;
  process.emit('SIGTERM', 'SIGTERM');
  expect(again).toBe(0);
  nowMs = 1000;
  process.emit('SIGINT', 'SIGINT');
  expect(again).toBe(1);
  goOn();
  await ended;
  // What was to end with the process is taken off here.
  for (const own of process.listeners('SIGINT').filter(listener => !others.has(listener))) {
    process.off('SIGINT', own).off('SIGTERM', own);
  }
});
