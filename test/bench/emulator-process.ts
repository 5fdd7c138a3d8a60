/** The emulator in a process of its own, so that its work is not counted as the reader's. Talks over IPC. */
import {startEmulator} from '../../src/emulator/index.js';
import {tables} from '../../tables/index.js';
import type {Answers, Command, EmulatorSettings} from './emulator-commands.js';
import {expectCalls, sumCalls} from './expected-calls.js';
import {scaleTime} from './scaled-clock.js';
import {writeTyped} from './write-typed.js';

const {clock, ...options}: EmulatorSettings = JSON.parse(process.argv[2] ?? '{}');
const emulator = await startEmulator({
  ...options,
  ...(clock !== undefined && {now: scaleTime(clock.startMs, clock.scale)}),
});

const answers: Answers = {
  address: () => ({url: emulator.url, credentials: emulator.credentials}),
  requests: () => emulator.requests,
  expectedCalls: () => sumCalls(expectCalls(emulator.truth).values()),
  writeTyped: async ({table: name, file}) => {
    const table = tables.find(each => each.name === name);
    if (table === undefined) throw new RangeError(`No table ${name}.`);
    return writeTyped(table, emulator.truth(name), file);
  },
};

process.on('message', async ({name, argument}: Command) => {
  const answer = answers[name] as (argument: unknown) => unknown;
  try {
    process.send?.({answer: await answer(argument)});
  } catch (error) {
    process.send?.({error: String(error)});
  }
});
process.on('disconnect', () => process.exit());
