import {readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import type {RunEvent} from '../../src/report.js';
import {type Rehearsal, rehearse} from '../helpers/rehearsal.js';
import {type Ended, type RunningCommand, startCommand} from './command.js';
import {durableRequests} from './durable.js';
import type {Course} from './moment.js';
import type {Place} from './place.js';

/** Two fan-outs and their parents; each call takes a while, so that a run has many moments. */
export const crashTables = ['users', 'groups', 'group_members', 'courses', 'course_learning_objects'];
const emulated = {users: 100, latencyMs: 4};

/** A tenant that has changed since a first load, and a place that holds what that load published. */
export interface Scene extends Rehearsal {
  readonly place: Place;
  /** The load that is there before a run is struck. */
  readonly earlierLoadId: string;
  readonly earlier: Rows;
  /** What an undisturbed run published. */
  readonly later: Rows;
  readonly course: Course;
  start(more?: readonly string[], onEvent?: (event: RunEvent) => void, fileLimitKb?: number): RunningCommand;
  run(...more: readonly string[]): Promise<Ended>;
  /** Puts the earlier load back, and forgets every run. */
  reset(): Promise<void>;
  /** Calls back at the nth answer from now on. */
  onceAnswered(answer: number, then: () => void): void;
  /** The runs that are there, the last first. */
  runNames(): Promise<readonly string[]>;
  /** Requests whose records are durable in the spool of the last run. */
  durable(): Promise<readonly string[]>;
}

export type Rows = ReadonlyMap<string, readonly string[]>;

export async function openScene(openPlace: (rehearsal: Rehearsal) => Place): Promise<Scene> {
  let answered = () => {};
  const rehearsal = await rehearse({...emulated, onAnswered: () => answered()});
  const {emulator, stateDir} = rehearsal;
  const place = openPlace(rehearsal);
  const args = (more: readonly string[]) => [
    ...[
      'ingest',
      '--source-uri',
      writeSourceUri(emulator),
      '--source-table',
      crashTables.join(','),
      '--page-size',
      '25',
    ],
    ...['--dest-uri', place.uri, '--state-dir', stateDir, '--progress', 'json', ...more],
  ];
  const start: Scene['start'] = (more = [], ...rest) => startCommand(args(more), ...rest);
  const run = async (...more: readonly string[]) => start(more).ended;

  const {stdout} = await run('--json');
  const {loadId: earlierLoadId}: {loadId: string} = JSON.parse(stdout);
  const earlier = await place.readAll();
  await place.keep();
  for (const [table, position] of [
    ['users', 3],
    ['courses', 2],
  ] as const) {
    emulator.edit(table).insert(position);
    emulator.edit(table).touch(position + 1);
    emulator.edit(table).remove(position + 2);
  }
  const from = emulator.requests.length;
  const course = await timeRun(start);
  return {
    ...rehearsal,
    ...{place, earlierLoadId, earlier, start, run},
    later: await place.readAll(),
    course: {...course, answers: emulator.requests.length - from},
    async reset() {
      await rm(stateDir, {recursive: true, force: true});
      await place.putBack();
    },
    onceAnswered(answer, then) {
      let left = answer;
      answered = () => {
        if (--left === 0) then();
      };
    },
    runNames: async () => (await readdir(join(stateDir, 'runs')).catch(() => [])).sort().reverse(),
    durable: async () => durableRequests(await lastRun(stateDir)),
  };
}

/** The folder of the last run; one that does not exist if there is none. */
export async function lastRun(stateDir: string): Promise<string> {
  const runs = await readdir(join(stateDir, 'runs')).catch(() => []);
  return join(stateDir, 'runs', runs.sort().at(-1) ?? 'none');
}

async function timeRun(start: Scene['start']): Promise<Omit<Course, 'answers'>> {
  const startedMs = performance.now();
  let publishingAtMs = startedMs;
  const {exitCode, stderr} = await start([], event => {
    if (event.type === 'publishing' && event.table === null) publishingAtMs = performance.now();
  }).ended;
  if (exitCode !== 0) throw new Error(`An undisturbed run ended with ${exitCode}: ${stderr}`);
  const endedMs = performance.now();
  return {wholeMs: endedMs - startedMs, publishingMs: endedMs - publishingAtMs};
}
