import {expect, test} from 'vitest';
import {exitCodes} from '../../src/errors.js';
import {type RunningCommand, startCommand} from './command.js';
import {holdFile} from './hold.js';
import {duckdbPlace} from './place.js';
import {openScene, type Scene} from './scene.js';

test('two runs into one file at once both end well, and leave the tables of one of them', async () => {
  const scene = await openScene(duckdbPlace);
  await scene.reset();
  const ended = await Promise.all([scene.run(), scene.run(), scene.run()]);
  expect(ended.map(({exitCode, stderr}) => ({exitCode, stderr}))).toEqual(
    ended.map(() => ({exitCode: 0, stderr: expect.any(String)})),
  );
  expect(await scene.place.readAll()).toEqual(scene.later);
  expect(new Set((await scene.place.readLoadIds()).values()).size).toBe(1);
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
      stderr: expect.stringContaining(`Run ${loadId} still goes on, as process`),
    };
    expect(await load.ended).toMatchObject(refusal);
    expect(await scene.run('--resume', loadId)).toMatchObject(refusal);
    return command;
  });
  expect(await worker.ended).toMatchObject({exitCode: 0});
  expect(await scene.place.readAll()).toEqual(scene.later);
});
