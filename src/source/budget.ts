import {setTimeout as delay} from 'node:timers/promises';
import pLimit from 'p-limit';
import type {OnEvent} from '../report.js';

export interface Clock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  random(): number;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: async (ms, signal) => delay(ms, undefined, {signal}),
  random: Math.random,
};

/**
 * The one gate through which every call passes, retries included: at most `parallelism` at a time, and none while Docebo
 * has asked for quiet.
 */
export class Budget {
  readonly #limit;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #onEvent: OnEvent;
  #quietUntilMs = 0;

  constructor(parallelism: number, clock: Clock, signal: AbortSignal, onEvent: OnEvent) {
    this.#limit = pLimit(parallelism);
    this.#clock = clock;
    this.#signal = signal;
    this.#onEvent = onEvent;
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    return this.#limit(async () => {
      await this.#quiet();
      return call();
    });
  }

  /** Docebo asked for quiet: nothing new is sent until then. */
  holdFor(ms: number, reason: string): void {
    const until = this.#clock.now() + ms;
    if (until <= this.#quietUntilMs) return;
    this.#quietUntilMs = until;
    this.#onEvent({type: 'waiting', reason, seconds: ms / 1000});
  }

  async #quiet(): Promise<void> {
    for (;;) {
      this.#signal.throwIfAborted();
      const ms = this.#quietUntilMs - this.#clock.now();
      if (ms <= 0) return;
      await this.#clock.sleep(ms, this.#signal);
    }
  }
}
