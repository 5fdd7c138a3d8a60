import {setImmediate as turn} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import type {RunEvent} from '../../src/report.js';
import {Budget, type Clock, systemClock} from '../../src/source/budget.js';
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

describe('a budget', () => {
  test('lets as many calls run at a time as its parallelism', async () => {
    const budget = new Budget(3, new FakeClock(), never, () => {});
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({length: 20}, async () =>
        budget.run(async () => {
          most = Math.max(most, ++running);
          await turn();
          running--;
        }),
      ),
    );
    expect(most).toBe(3);
  });

  test('gives what the call gives, and goes on after one that throws', async () => {
    const budget = new Budget(1, new FakeClock(), never, () => {});
    const failed = budget.run(async () => {
      throw new RangeError('no');
    });
    await expect(failed).rejects.toThrow(new RangeError('no'));
    expect(await budget.run(async () => 7)).toBe(7);
  });

  test('holds every call back until the time is over', async () => {
    const clock = new StillClock();
    const events: RunEvent[] = [];
    const budget = new Budget(8, clock, never, event => events.push(event));
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
    const budget = new Budget(8, clock, never, event => events.push(event));
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

  test('starts nothing once the run is interrupted, even while it holds', async () => {
    const interrupt = new AbortController();
    const clock = new StillClock();
    const budget = new Budget(8, clock, interrupt.signal, () => {});
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
