import {watch} from 'node:fs';
import {basename, dirname} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {dice} from '../../src/emulator/random.js';
import type {Scene} from './scene.js';

/**
 * When a run is killed: so long after its start, after the emulator's nth answer, after it says that it publishes, or after what is
 * published first changes on disk.
 */
export interface Moment {
  readonly after: 'start' | 'answer' | 'publishing' | 'writing';
  readonly answer: number;
  readonly ms: number;
}

/** How far a run had come when it was killed; `over`: it had ended by itself before. */
export type Phase = 'nothing landed' | 'extraction' | 'publishing' | 'committed' | 'over';

/** What an undisturbed run took, to strike within. */
export interface Course {
  readonly wholeMs: number;
  readonly publishingMs: number;
  readonly answers: number;
}

/** The same moment for the same seed and number: each fourth of one kind. */
export function chooseMoment(seed: number, index: number, {wholeMs, publishingMs, answers}: Course): Moment {
  const die = dice(seed, 'kill', index);
  const upTo = (ms: number) => die.below(Math.max(1, Math.round(ms * 10))) / 10;
  const answer = 1 + die.below(answers);
  if (index % 4 === 0) return {after: 'start', answer, ms: upTo(wholeMs)};
  if (index % 4 === 1) return {after: 'answer', answer, ms: upTo(20)};
  if (index % 4 === 2) return {after: 'publishing', answer, ms: upTo(publishingMs)};
  return {after: 'writing', answer, ms: upTo(8)};
}

/** Starts a run, kills it at the moment, and waits until it is gone. */
export async function killAt(
  {after, answer, ms}: Moment,
  {start, onceAnswered, place}: Pick<Scene, 'start' | 'onceAnswered' | 'place'>,
) {
  let reach: () => void = () => {};
  const reached = new Promise<void>(resolve => {
    reach = resolve;
  });
  if (after === 'answer') onceAnswered(answer, reach);
  const watcher = watch(dirname(place.firstWritten), (_, name) => {
    const isPublishing = command.events.some(({type}) => type === 'publishing');
    if (after === 'writing' && isPublishing && name === basename(place.firstWritten)) reach();
  });
  const command = start([], ({type}) => {
    if (after === type) reach();
  });
  if (after === 'start') reach();
  await Promise.race([reached.then(() => sleep(ms)), command.ended]);
  command.kill('SIGKILL');
  const {exitCode} = await command.ended;
  watcher.close();
  return {isKilled: exitCode === null, hasPublished: command.events.some(({type}) => type === 'publishing')};
}
