import {setTimeout as sleep} from 'node:timers/promises';
import {dice} from '../../src/emulator/random.js';
import type {RunningCommand} from './command.js';

/** When a run is killed: so long after its start, after the emulator's nth answer, or after it says that it publishes. */
export interface Moment {
  readonly after: 'start' | 'answer' | 'publishing';
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

/**
 * The same moment for the same seed and number: a third spread over the run, a third over its answers, a third
 * while it publishes, of which every second one near the end, where it commits. */
export function chooseMoment(seed: number, index: number, {wholeMs, publishingMs, answers}: Course): Moment {
  const die = dice(seed, 'kill', index);
  const upTo = (ms: number) => die.below(Math.max(1, Math.round(ms * 10))) / 10;
  const answer = 1 + die.below(answers);
  if (index % 3 === 0) return {after: 'start', answer, ms: upTo(wholeMs)};
  if (index % 3 === 1) return {after: 'answer', answer, ms: upTo(20)};
  const lateMs = index % 6 === 5 ? publishingMs / 2 : 0;
  return {after: 'publishing', answer, ms: lateMs + upTo(publishingMs - lateMs)};
}

/** Kills the command at the moment, told of what goes on, and waits until it is gone. */
export async function killAt(
  moment: Moment,
  start: (told: {onPublishing: () => void}) => RunningCommand,
  onceAnswered: (answer: number, then: () => void) => void,
) {
  let reach: () => void = () => {};
  const reached = new Promise<void>(resolve => {
    reach = resolve;
  });
  if (moment.after === 'answer') onceAnswered(moment.answer, reach);
  const command = start({
    onPublishing: () => {
      if (moment.after === 'publishing') reach();
    },
  });
  if (moment.after === 'start') reach();
  await Promise.race([reached.then(() => sleep(moment.ms)), command.ended]);
  command.kill('SIGKILL');
  const {exitCode} = await command.ended;
  return {isKilled: exitCode === null, hasPublished: command.events.some(({type}) => type === 'publishing')};
}
