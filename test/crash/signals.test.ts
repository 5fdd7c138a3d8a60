import {expect, test} from 'vitest';
import {exitCodes} from '../../src/errors.js';
import type {RunEvent} from '../../src/report.js';
import type {Ended} from './command.js';
import {askedAgain} from './durable.js';
import {holdFile} from './hold.js';
import {duckdbPlace} from './place.js';
import {openScene, type Scene} from './scene.js';

const always = Number.POSITIVE_INFINITY;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function openFresh(): Promise<Scene> {
  const scene = await openScene(duckdbPlace);
  await scene.reset();
  return scene;
}

/** The run was told to stop, published nothing, and said how to go on; which works. */
async function expectToGoOn(scene: Scene, {exitCode, stderr}: Ended): Promise<void> {
  const {place, earlier, later, emulator} = scene;
  expect({exitCode, stderr}).toMatchObject({exitCode: exitCodes.interrupted});
  const [, loadId = ''] = /--resume (\S+): only what is missing is asked for\.$/.exec(stderr.trimEnd()) ?? [];
  expect(loadId, stderr).not.toBe('');
  expect(await place.readAll()).toEqual(earlier);
  const durable = await scene.durable();
  expect(durable.length).toBeGreaterThan(0);
  const before = emulator.requests.length;
  expect(await scene.run('--resume', loadId)).toMatchObject({exitCode: 0});
  expect(askedAgain(scene.asked(before), durable)).toEqual([]);
  expect(await place.readAll()).toEqual(later);
  expect(await place.findStrays()).toEqual([]);
}

test('a signal while tables are read, or at other moments, stops the run, which can be gone on with', async () => {
  const scene = await openFresh();
  const {emulator, place, later} = scene;
  for (const signal of signals) {
    await scene.reset();
    const reading = scene.start();
    scene.onceAnswered(15, () => reading.kill(signal));
    await expectToGoOn(scene, await reading.ended);
  }
  // All signals stop a run in one way, so one of them is enough for the other moments.
  const signal = 'SIGTERM';
  await scene.reset();
  emulator.setFaults([
    {match: '/manage/v1/user', kind: 'status', status: 429, retryAfter: 3600, after: 2, times: always},
  ]);
  const waiting = await endAt(scene, 'waiting', signal);
  emulator.setFaults([]);
  await expectToGoOn(scene, waiting);

  await scene.reset();
  const publishing = await endAt(scene, 'publishing', signal);
  // It may come too late.
  if (publishing.exitCode !== 0) await expectToGoOn(scene, publishing);
  expect(await place.readAll()).toEqual(later);
  expect(await place.findStrays()).toEqual([]);
}, 120_000);

/** Sends one signal when the run first tells of such an event. A second one would end it at once. */
async function endAt(scene: Scene, type: RunEvent['type'], signal: NodeJS.Signals): Promise<Ended> {
  let isTold = false;
  const command = scene.start([], event => {
    if (event.type !== type || isTold) return;
    isTold = true;
    command.kill(signal);
  });
  const ended = await command.ended;
  expect(isTold).toBe(true);
  return ended;
}

test('Ctrl-C ends the wait for a file that another program holds, and the run can be gone on with', async () => {
  const scene = await openFresh();
  const ended = await holdFile(scene.file, async () => {
    const command = scene.start(['--lock-timeout', '3600'], ({type}) => {
      if (type === 'waiting') command.kill('SIGINT');
    });
    return command.ended;
  });
  await expectToGoOn(scene, ended);
});

test('a second Ctrl-C ends a run at once that is busy, and the run can be gone on with', async () => {
  const scene = await openFresh();
  const {place, file, earlier, later} = scene;
  const {exitCode} = await holdFile(file, async () => {
    const twice = ({type}: RunEvent) => {
      if (type !== 'publishing') return;
      command.kill('SIGINT');
      // Two signals of one kind that are on their way at once arrive as one.
      const again = setInterval(() => command.kill('SIGINT'), 50);
      void command.ended.finally(() => clearInterval(again));
    };
    const command = scene.start(['--lock-timeout', '3600'], twice);
    return command.ended;
  });
  expect(exitCode).toBe(exitCodes.interrupted);
  expect(await place.readAll()).toEqual(earlier);
  const before = scene.emulator.requests.length;
  expect(await scene.run('--resume')).toMatchObject({exitCode: 0});
  expect(scene.asked(before)).toEqual([]);
  expect(await place.readAll()).toEqual(later);
});
