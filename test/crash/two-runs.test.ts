import {execFile, spawnSync} from 'node:child_process';
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {exitCodes} from '../../src/errors.js';
import {main} from '../cli/run-cli.js';
import {type RunningCommand, startCommand} from './command.js';
import {holdFile} from './hold.js';
import {duckdbPlace} from './place.js';
import {openScene, type Scene} from './scene.js';

test('several runs into one file at once leave of each table what was read last, whole', async () => {
  const scene = await openScene(duckdbPlace);
  await scene.reset();
  const ended = await Promise.all([scene.run(), scene.run(), scene.run()]);
  const [good, late] = [
    ended.filter(({exitCode}) => exitCode === exitCodes.ok),
    ended.filter(({exitCode}) => exitCode),
  ];
  expect(good.length).toBeGreaterThanOrEqual(1);
  for (const {exitCode, stderr} of late) {
    expect({exitCode, stderr}).toEqual({
      exitCode: exitCodes.incomplete,
      stderr: expect.stringContaining('the earlier table was read at'),
    });
  }
  expect(await scene.place.readAll()).toEqual(scene.later);
  expect(await scene.place.findStrays()).toEqual([]);
});

/** A run that read everything and was then killed, since somebody held the file. */
async function killWhileHeld(scene: Scene): Promise<void> {
  await scene.reset();
  const command = await startToPublish(scene, []);
  command.kill('SIGKILL');
  await command.ended;
}

/** A command that waits for the file that is held. */
async function startToPublish(scene: Scene, more: readonly string[]): Promise<RunningCommand> {
  return new Promise(resolve => {
    const command = scene.start(['--lock-timeout', '3600', ...more], ({type}) => {
      if (type === 'publishing') resolve(command);
    });
    void command.ended.then(() => resolve(command));
  });
}

test('of several that take up one run at once a single one may', async () => {
  const scene = await openScene(duckdbPlace);
  const ended = await holdFile(scene.file, async () => {
    await killWhileHeld(scene);
    const commands = [1, 2, 3, 4].map(() => scene.start(['--resume', '--lock-timeout', '3600']));
    const refused: number[] = [];
    await new Promise<void>(resolve => {
      for (const command of commands) {
        void command.ended.then(() => {
          refused.push(commands.indexOf(command));
          if (refused.length === commands.length - 1) resolve();
        });
      }
    });
    return commands.map(async command => command.ended);
  });
  const codes = (await Promise.all(ended)).map(({exitCode}) => exitCode);
  expect(codes.sort()).toEqual([exitCodes.ok, exitCodes.usage, exitCodes.usage, exitCodes.usage]);
  expect(await scene.place.readAll()).toEqual(scene.later);
});

test('a run that goes on is neither taken up nor loaded', async () => {
  const scene = await openScene(duckdbPlace);
  await scene.reset();
  const worker = await holdFile(scene.file, async () => {
    const command = await startToPublish(scene, ['--json']);
    const [loadId = ''] = await scene.runNames();
    const load = startCommand(['load', loadId, '--state-dir', scene.stateDir, '--quiet']);
    const refusal = {
      exitCode: exitCodes.usage,
      stderr: expect.stringContaining(`Run ${loadId} is still running, as process`),
    };
    expect(await load.ended).toMatchObject(refusal);
    expect(await scene.run('--resume', loadId)).toMatchObject(refusal);
    return command;
  });
  expect(await worker.ended).toMatchObject({exitCode: 0});
  expect(await scene.place.readAll()).toEqual(scene.later);
});

const contained = ['-pf', '--mount-proc'];
const canContain = spawnSync('unshare', [...contained, 'true']).status === 0;

/** Runs the command where the processes outside are not to be seen, as in a container. */
async function runContained(args: readonly string[]) {
  return new Promise<{exitCode: number | null; stderr: string}>(resolve => {
    const child = execFile('unshare', [...contained, process.execPath, main, ...args], (_, _stdout, stderr) =>
      resolve({exitCode: child.exitCode, stderr}),
    );
  });
}

test.skipIf(!canContain)('a run that goes on is not taken up, loaded or removed from another container', async () => {
  const scene = await openScene(duckdbPlace);
  await scene.reset();
  const worker = await holdFile(scene.file, async () => {
    const command = await startToPublish(scene, ['--json']);
    const [loadId = ''] = await scene.runNames();
    const state = ['--state-dir', scene.stateDir, '--progress', 'log'];
    const other = ['--dest-uri', `jsonl://${join(scene.folder, 'lines')}`, ...state];
    const source = ['--source-uri', writeSourceUri(scene.emulator), '--source-table', 'users'];
    const [loaded, ran] = await Promise.all([
      runContained(['load', loadId, ...other]),
      runContained(['ingest', ...source, '--keep-runs', '0', ...other]),
    ]);
    expect(loaded).toEqual({
      exitCode: exitCodes.usage,
      stderr: expect.stringMatching(
        /waiting at most until .* \(1 min\): .*\n.*Run \S+ is still running, in another container/s,
      ),
    });
    expect(ran.exitCode).toBe(0);
    expect(await readdir(join(scene.stateDir, 'runs'))).toEqual([loadId]);
    return command;
  });
  expect(await worker.ended).toMatchObject({exitCode: 0});
  expect(await scene.place.readAll()).toEqual(scene.later);
});
