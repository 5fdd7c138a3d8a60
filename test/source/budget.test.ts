import {setImmediate as turn} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import {BusyError, IncompleteError} from '../../src/errors.js';
import type {RunEvent} from '../../src/report.js';
import {Budget, type BudgetOptions, type Clock, steady, systemClock} from '../../src/source/http/budget.js';
import {HourlyWindow, hourMs} from '../../src/source/http/hourly-window.js';
import {FakeClock} from './fake-clock.js';

/** Sleeps until the test moves the time on. */
class StillClock implements Clock {
  #nowMs = 0;
  #sleepers: {untilMs: number; wake: () => void}[] = [];

  now = (): number => this.#nowMs;

  random = (): number => 0;

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#sleepers.push({untilMs: this.#nowMs + ms, wake: resolve});
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  }

  async advance(ms: number): Promise<void> {
    this.#nowMs += ms;
    for (const {untilMs, wake} of this.#sleepers) if (untilMs <= this.#nowMs) wake();
    this.#sleepers = this.#sleepers.filter(({untilMs}) => untilMs > this.#nowMs);
    for (let turns = 0; turns < 20; turns++) await turn();
  }
}

const never = new AbortController().signal;

function openBudget({parallelism = 8, clock = new FakeClock(), ...options}: Partial<BudgetOptions> = {}): Budget {
  return new Budget({
    parallelism,
    window: new HourlyWindow({limit: Number.POSITIVE_INFINITY, folder: null, now: clock.now}),
    deadlineMs: Number.POSITIVE_INFINITY,
    clock,
    signal: never,
    onEvent: () => {},
    ...options,
  });
}

describe('a budget', () => {
  test('never lets more calls run at a time than its parallelism, and starts with few', async () => {
    const budget = openBudget({parallelism: 3});
    const widths: number[] = [];
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({length: 20}, async () =>
        budget.run(async () => {
          widths.push(++running);
          most = Math.max(most, running);
          await turn();
          budget.succeeded(1);
          running--;
        }),
      ),
    );
    expect(widths.slice(0, 2)).toEqual([1, 2]);
    expect(most).toBe(3);
  });

  test('gives what the call gives, and goes on after one that throws', async () => {
    const budget = openBudget({parallelism: 1});
    const failed = budget.run(async () => {
      throw new RangeError('no');
    });
    await expect(failed).rejects.toThrow(new RangeError('no'));
    expect(await budget.run(async () => 7)).toBe(7);
  });

  test('holds every call back until the time is over', async () => {
    const clock = new StillClock();
    const events: RunEvent[] = [];
    const budget = openBudget({clock, onEvent: event => events.push(event)});
    budget.holdFor(5000, 'Docebo asks for quiet');
    const startedAt: number[] = [];
    const calls = Promise.all(
      Array.from({length: 20}, async () => budget.run(async () => void startedAt.push(clock.now()))),
    );
    await clock.advance(4999);
    expect(startedAt).toEqual([]);
    await clock.advance(1);
    await calls;
    expect(startedAt).toEqual(Array.from({length: 20}, () => 5000));
    expect(events).toEqual([{type: 'waiting', reason: 'Docebo asks for quiet', seconds: 5}]);
  });

  test('holds until the latest time asked for, and tells only what makes it longer', async () => {
    const clock = new StillClock();
    const events: RunEvent[] = [];
    const budget = openBudget({clock, onEvent: event => events.push(event)});
    budget.holdFor(5000, 'first');
    let startedAt = 0;
    const call = budget.run(async () => {
      startedAt = clock.now();
    });
    await clock.advance(1000);
    budget.holdFor(2000, 'shorter');
    budget.holdFor(9000, 'longer');
    await clock.advance(8999);
    expect(startedAt).toBe(0);
    await clock.advance(1);
    await call;
    expect(startedAt).toBe(10_000);
    expect(events).toEqual([
      {type: 'waiting', reason: 'first', seconds: 5},
      {type: 'waiting', reason: 'longer', seconds: 9},
    ]);
  });

  test('tells of the pauses that it keeps of itself, once a minute, and keeps none past the deadline', async () => {
    const clock = new FakeClock();
    const events: RunEvent[] = [];
    const budget = openBudget({clock, onEvent: event => events.push(event), deadlineMs: clock.now() + 3_000_000});
    for (const refusal of [0, 1]) {
      await budget.run(async () => budget.pushedBack(429, clock.now()));
      if (refusal === 0) await budget.run(async () => budget.succeeded(1));
      clock.advance(1_200_000);
    }
    await budget.run(async () => {});
    await budget.run(async () => {});
    expect(events.filter(({type}) => type === 'waiting')).toEqual([
      {type: 'waiting', reason: 'calls are spaced out, as Docebo asked for by answering 429', seconds: 60},
    ]);
    clock.advance(480_000);
    await budget.run(async () => {});
    await expect(budget.run(async () => {})).rejects.toThrow('cannot be complete before its deadline');
  });

  test('waits for a day at the most, and not at all for what nobody waits for', async () => {
    const clock = new FakeClock();
    const budget = openBudget({clock});
    budget.holdFor(23 * hourMs, 'maintenance');
    await budget.run(async () => {});
    expect(clock.slept).toEqual([23 * hourMs]);
    budget.holdFor(1_764_036_000_000, 'a moment taken for a time');
    await expect(budget.run(async () => {})).rejects.toThrow('Docebo asks for quiet until 2082-');
    expect(clock.slept).toHaveLength(1);
  });

  test('starts nothing once the run is interrupted, even while it holds', async () => {
    const interrupt = new AbortController();
    const clock = new StillClock();
    const budget = openBudget({clock, signal: interrupt.signal});
    budget.holdFor(5000, 'quiet');
    const call = budget.run(async () => 1);
    const refused = expect(call).rejects.toThrow('stop');
    await clock.advance(1);
    interrupt.abort(new Error('stop'));
    await refused;
    await expect(budget.run(async () => 1)).rejects.toThrow('stop');
  });
});

test('the system clock stops sleeping when it is interrupted', async () => {
  const interrupt = new AbortController();
  const sleep = systemClock.sleep(60_000, interrupt.signal);
  interrupt.abort();
  await expect(sleep).rejects.toMatchObject({code: 'ABORT_ERR'});
});

describe('the hourly limit', () => {
  test('tells the calls made and left, what is used of the hour, and how long those that are left take', async () => {
    const clock = new FakeClock();
    const window = new HourlyWindow({limit: 10, folder: null, now: clock.now});
    const budget = openBudget({clock, window});
    expect(budget.outlook()).toEqual({made: 0, left: 0, seconds: null, hour: {used: 0, limit: 10}});
    budget.expect(12);
    for (let call = 0; call < 4; call++) {
      await budget.run(async () => clock.advance(2000));
      // One of them fails.
      if (call === 0) budget.expectAgain();
    }
    // The last of the nine comes an hour after the third.
    expect(budget.outlook()).toEqual({made: 4, left: 9, seconds: 3600 - 4, hour: {used: 4, limit: 10}});
  });

  test('is not waited for beyond the patience of whoever asks', async () => {
    const clock = new FakeClock();
    const window = new HourlyWindow({limit: 2, folder: null, now: clock.now});
    const budget = openBudget({clock, window, patienceMs: 3000});
    for (let call = 0; call < 2; call++) await budget.run(async () => {});
    await expect(budget.run(async () => {})).rejects.toThrow(BusyError);
    clock.advance(hourMs - 1000);
    await budget.run(async () => {});
    expect(clock.slept).toEqual([1000]);
  });

  test('lets an hour pass before the calls of that hour are made again, and tells the wait once', async () => {
    const clock = new FakeClock();
    const events: RunEvent[] = [];
    const window = new HourlyWindow({limit: 10, folder: null, now: clock.now});
    const budget = openBudget({parallelism: 1, clock, window, onEvent: event => events.push(event)});
    const startMs = clock.now();
    const sentAt: number[] = [];
    for (let call = 0; call < 25; call++) {
      await budget.run(async () => void sentAt.push(clock.now() - startMs));
      clock.advance(1000);
    }
    expect(sentAt[9]).toBe(9000);
    expect(sentAt[10]).toBe(hourMs);
    expect(sentAt[20]).toBe(2 * hourMs);
    const [first] = events;
    expect(first).toEqual({
      type: 'waiting',
      reason: expect.stringMatching(/^the calls of --max-requests-per-hour \d+ are used up$/),
      seconds: 3590,
    });
    expect(events).toHaveLength(2);
  });
});

describe('a deadline', () => {
  test('refuses at once what cannot fit before it, and everything after that', async () => {
    const clock = new FakeClock();
    const window = new HourlyWindow({limit: 100, folder: null, now: clock.now});
    const budget = openBudget({clock, window, deadlineMs: clock.now() + 2 * hourMs});
    budget.expect(250 - 50);
    expect(() => budget.expect(50)).toThrow(
      'The run cannot be complete before its deadline: at least 250 more calls are needed within --max-requests-per-hour 100, which takes 2 h, and 2 h are left.',
    );
    await expect(budget.run(async () => 1)).rejects.toThrow(IncompleteError);
  });

  test('has nothing to do with an hourly limit where there is none', async () => {
    const clock = new FakeClock();
    const budget = openBudget({clock, deadlineMs: clock.now() + 1000});
    clock.advance(2000);
    expect(() => budget.expect(5)).not.toThrow();
    const late = budget.run(async () => 1);
    await expect(late).rejects.toMatchObject({hint: 'Give it a later --deadline, or fewer tables.'});
  });

  test('that has passed lets nothing more be sent', async () => {
    const clock = new FakeClock();
    const budget = openBudget({clock, deadlineMs: clock.now() + 1000});
    expect(await budget.run(async () => 1)).toBe(1);
    clock.advance(1000);
    await expect(budget.run(async () => 1)).rejects.toThrow('the time is up');
  });

  test('is not waited past for quiet', async () => {
    const clock = new FakeClock();
    const budget = openBudget({clock, deadlineMs: clock.now() + 60_000});
    expect(() => budget.holdFor(60_000, 'Docebo answered 429 and asks for quiet')).toThrow(IncompleteError);
    await expect(budget.run(async () => 1)).rejects.toThrow('Docebo answered 429');
    expect(clock.slept).toEqual([]);
  });
});

test('time goes on where the clock is set back, as fast as it goes, and follows where it is set forward', () => {
  let [wallMs, elapsedMs] = [1_000_000, 0];
  const now = steady(
    () => wallMs,
    () => elapsedMs,
  );
  const pass = (ms: number, jumpMs = 0) => {
    wallMs += ms + jumpMs;
    elapsedMs += ms;
    return now();
  };
  expect(now()).toBe(1_000_000);
  expect(pass(5000)).toBe(1_005_000);
  expect(pass(600_000, -3_600_000)).toBe(1_605_000);
  expect([0.4, 0.4, 0.4].map(ms => pass(ms))).toEqual([1_605_000, 1_605_000, 1_605_001]);
  expect(pass(1000, 3_600_000 + 2000)).toBe(1_608_001);
});
