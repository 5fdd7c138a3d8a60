import {readdir} from 'node:fs/promises';
import {expect, test} from 'vitest';
import {askedAgain} from './durable.js';
import {chooseMoment, killAt, type Moment, type Phase} from './moment.js';
import {duckdbPlace, filesPlace} from './place.js';
import {lastRun, openScene, type Scene} from './scene.js';

/** How many runs are killed for DuckDB; half as many for a format of files. The seed repeats the moments, as far as moments repeat. */
const kills = Number(process.env['DOCEBO_CRASH_KILLS'] ?? 4);
const seed = Number(process.env['DOCEBO_CRASH_SEED'] ?? Date.now() % 1_000_000);
const lanes = [0, 1];
const timeoutMs = 60_000 + 10_000 * kills;

type Tally = Partial<Record<Phase, number>>;

test(
  'a run killed at any moment leaves every table of a DuckDB file as it was or all of them new, and is gone on with',
  async () => {
    const tally: Tally = {};
    await Promise.all(
      lanes.map(async lane => {
        const scene = await openScene(duckdbPlace);
        for (const [name, rows] of scene.later) expect(rows, name).toEqual(scene.truth(name));
        for (let index = lane; index < kills; index += lanes.length) {
          const {phase, loadIds, noted, label} = await strike(scene, index, tally);
          expect(new Set(loadIds.values()).size, `${label}: loads beside each other`).toBe(1);
          expect(noted, `${label}: there, but not noted`).toEqual(expect.arrayContaining([...loadIds]));
          await goOn(scene, index, `${label}, ${phase}`);
        }
      }),
    );
    tell('DuckDB', tally);
  },
  timeoutMs,
);

// The others are put in place as JSON lines are.
test.each(['jsonl'] as const)(
  'a run killed at any moment leaves every file of %s whole, old or new, and is gone on with',
  async scheme => {
    const tally: Tally = {};
    const scene = await openScene(filesPlace(scheme));
    // From the third on, which are while it publishes: what is before is one for all places.
    for (let index = 2; index < 2 + kills / 2; index++) {
      const {phase, label} = await strike(scene, index, tally);
      await goOn(scene, index, `${label}, ${phase}`);
    }
    tell(scheme, tally);
  },
  timeoutMs,
);

/** Kills a run, and checks that each table holds the rows of the load that it names. */
async function strike(scene: Scene, index: number, tally: Tally) {
  const {place, earlier, later, earlierLoadId} = scene;
  await scene.reset();
  const moment = chooseMoment(seed, index, scene.course);
  const label = describe(index, moment);
  const killed = await killAt(moment, scene);
  const loadIds = await place.readLoadIds();
  for (const [name, rows] of await place.readAll()) {
    expect(rows, `${label}: ${name}`).toEqual((loadIds.get(name) === earlierLoadId ? earlier : later).get(name));
  }
  const noted = await place.readNoted();
  const isThere = ([name, loadId]: readonly [string, string]) =>
    loadId === earlierLoadId || loadIds.get(name) === loadId;
  expect(
    noted.filter(each => !isThere(each)),
    `${label}: noted, but not there`,
  ).toEqual([]);
  const hasLanded = (await scene.durable()).length > 0;
  const isNew = [...loadIds.values()].some(loadId => loadId !== earlierLoadId);
  const phase = tellPhase({...killed, hasLanded, isNew});
  tally[phase] = (tally[phase] ?? 0) + 1;
  return {phase, loadIds, noted, label};
}

function tellPhase(found: {isKilled: boolean; hasPublished: boolean; hasLanded: boolean; isNew: boolean}): Phase {
  if (!found.isKilled) return 'over';
  if (found.isNew) return 'committed';
  if (found.hasPublished) return 'publishing';
  return found.hasLanded ? 'extraction' : 'nothing landed';
}

/** Every fifth time by a new run, as somebody does who does not know of --resume. */
async function goOn(scene: Scene, index: number, label: string): Promise<void> {
  const {place, later, emulator, stateDir} = scene;
  const durable = await scene.durable();
  const isResumed = durable.length > 0 && index % 5 !== 4;
  const from = emulator.requests.length;
  const {exitCode, stderr} = await scene.run(...(isResumed ? ['--resume'] : []));
  // A run that had ended well is not to be resumed.
  const isRefused = isResumed && stderr.includes('There is no run to resume');
  if (isRefused) expect(await place.readAll(), label).toEqual(later);
  else expect({exitCode, stderr}, label).toMatchObject({exitCode: 0});
  if (isResumed) expect(askedAgain(scene.asked(from), durable), label).toEqual([]);
  expect(await place.readAll(), label).toEqual(later);
  expect(new Set((await place.readLoadIds()).values()).size, label).toBe(1);
  expect(await place.findStrays(), label).toEqual([]);
  const left = await readdir(await lastRun(stateDir));
  expect(
    left.filter(name => !/^(run\.json|claim-.*)$/.test(name) && !scene.later.has(name)),
    label,
  ).toEqual([]);
}

function describe(index: number, {after, answer, ms}: Moment): string {
  const of = after === 'answer' ? `answer ${answer}` : after;
  return `DOCEBO_CRASH_SEED=${seed} DOCEBO_CRASH_KILLS=${kills}, kill ${index}, ${ms} ms after ${of}`;
}

function tell(what: string, tally: Tally): void {
  if (process.env['DOCEBO_CRASH_KILLS'] !== undefined) process.stdout.write(`${what}: ${JSON.stringify(tally)}\n`);
  // Which of both it is, the machine's speed decides.
  expect((tally.publishing ?? 0) + (tally.committed ?? 0)).toBeGreaterThan(0);
}
