import {setTimeout as delay} from 'node:timers/promises';
import pLimit from 'p-limit';
import {BusyError, IncompleteError} from '../../errors.js';
import {formatDuration, formatMoment} from '../../format-duration.js';
import type {CallsSoFar, OnEvent} from '../../report.js';
import {Concurrency} from './concurrency.js';
import type {HourlyUsage, HourlyWindow} from './hourly-window.js';
import {Pace} from './pace.js';

export interface Clock {
  /** Milliseconds since the epoch, for spans: it never goes back, even if the machine's clock is set back. */
  now(): number;
  /** Milliseconds since the epoch by the machine's clock, for dates that are sent or read. @default now */
  wall?(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  random(): number;
}

/** A machine's clock may be set right by so much. One that is further ahead has given wrong dates. */
export const mostAheadMs = 300_000;

/** Follows the machine's clock as long as that goes forward, even through a laptop's sleep. If the clock is set back, time goes on all the same. */
export function steady(wall: () => number = Date.now, elapsed: () => number = () => performance.now()): () => number {
  let [fromMs, fromElapsedMs] = [wall(), elapsed()];
  return () => {
    const [wallMs, elapsedMs] = [wall(), elapsed()];
    const steadyMs = fromMs + elapsedMs - fromElapsedMs;
    if (wallMs > steadyMs) [fromMs, fromElapsedMs] = [wallMs, elapsedMs];
    return Math.floor(Math.max(wallMs, steadyMs));
  };
}

export const systemClock: Clock = {
  now: steady(),
  wall: Date.now,
  sleep: async (ms, signal) => delay(ms, undefined, {signal}),
  random: Math.random,
};

export interface BudgetOptions {
  /** Calls in flight at most. */
  readonly parallelism: number;
  readonly window: HourlyWindow;
  /** When the run has to be over, by the clock; infinite for no end. */
  readonly deadlineMs: number;
  /** How long it may wait in all; a call that would have to wait longer gets a BusyError. @default forever */
  readonly patienceMs?: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
}

/** A wait is reported if it is at least this long, or if none was reported for a minute. */
const longWaitMs = 5000;
const tellAgainMs = 60_000;
const reckonAgainMs = 1000;
const spacedOut = 'calls are spaced out, as Docebo asked for by answering 429';
/** Nobody waits longer than this: such a Retry-After is a mistake, or the tenant is closed. */
export const longestQuietMs = 24 * 3_600_000;

/** Docebo asked for a pause that is longer than anybody waits. */
export class EndlessQuiet extends Error {
  override readonly name = 'EndlessQuiet';

  constructor(untilMs: number) {
    super(`Docebo asks for quiet until ${describeMoment(untilMs)}`);
  }
}

function describeMoment(ms: number): string {
  const moment = new Date(ms);
  return Number.isNaN(moment.getTime()) ? 'the end of time' : moment.toISOString();
}

/**
 * The one gate through which every call passes, retries included: only as many at a time as Docebo can take, none while it asks for quiet, and no
 * more in an hour than allowed. Throws IncompleteError once the deadline cannot be met, and BusyError once its patience is over.
 */
export class Budget {
  readonly #options: BudgetOptions;
  readonly #concurrency: Concurrency;
  readonly #limit;
  readonly #pace = new Pace();
  #quietUntilMs = 0;
  #quietReason = '';
  #patienceMs: number;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #toldUntilMs = Number.NEGATIVE_INFINITY;
  #expected = 0;
  #made = 0;
  #firstAtMs: number | undefined;
  #reckonedAtMs: number | undefined;
  #reckoned: Pick<CallsSoFar, 'seconds' | 'hour'> = {seconds: null, hour: null};
  #tooLate: IncompleteError | undefined;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#patienceMs = options.patienceMs ?? Number.POSITIVE_INFINITY;
    this.#concurrency = new Concurrency(options.parallelism);
    this.#limit = pLimit(this.#concurrency.width);
  }

  /** Runs the call when its turn comes. `signal` ends the wait for it. */
  async run<T>(call: () => Promise<T>, signal = this.#options.signal): Promise<T> {
    return this.#limit(async () => {
      await this.turn(signal);
      return call();
    });
  }

  /** A reply came after `latencyMs`. */
  succeeded(latencyMs: number): void {
    this.#pace.accepted();
    this.#concurrency.succeeded(latencyMs);
    this.#limit.concurrency = this.#concurrency.width;
  }

  /** Docebo said 429 or 503 to a request sent at `startedAtMs`. */
  pushedBack(status: 429 | 503, startedAtMs: number): void {
    const nowMs = this.#options.clock.now();
    if (!this.#concurrency.pushedBack(startedAtMs, nowMs)) return;
    if (status === 429) this.#pace.refused(nowMs);
    this.#limit.concurrency = this.#concurrency.width;
    this.#options.onEvent({type: 'debug', message: `requests in flight lowered to ${this.#concurrency.width}`});
  }

  /** Docebo asked for quiet: nothing new is sent for so long. */
  holdFor(ms: number, reason: string): void {
    const untilMs = this.#options.clock.now() + ms;
    if (untilMs <= this.#quietUntilMs) return;
    this.#quietUntilMs = untilMs;
    this.#quietReason = reason;
    this.#refuseLate(ms, reason);
    if (ms <= Math.min(longestQuietMs, this.#patienceMs))
      this.#options.onEvent({type: 'waiting', reason, seconds: ms / 1000});
  }

  /** Milliseconds until the hourly limit lets the last of `calls` further calls through. */
  msUntil(calls: number): number {
    return this.#options.window.msUntil(calls);
  }

  /** What is used of the hourly limit; null if there is none. */
  hourlyUsage(): HourlyUsage | null {
    return this.#options.window.usage();
  }

  /** Until when nothing may be sent because Docebo asked for quiet, by the clock; null if it may. */
  get quietUntilMs(): number | null {
    return this.#quietUntilMs > this.#options.clock.now() ? this.#quietUntilMs : null;
  }

  /** The calls so far. The time that is left is computed once a second only: with an hourly limit that takes a step for each call that is left. */
  outlook(): CallsSoFar {
    const nowMs = this.#options.clock.now();
    if (this.#reckonedAtMs === undefined || nowMs - this.#reckonedAtMs >= reckonAgainMs) {
      this.#reckonedAtMs = nowMs;
      const usage = this.hourlyUsage();
      const elapsedMs = this.#firstAtMs === undefined ? 0 : nowMs - this.#firstAtMs;
      const pacedMs = (elapsedMs / Math.max(1, this.#made)) * this.#expected;
      this.#reckoned = {
        seconds: elapsedMs === 0 ? null : Math.max(pacedMs, this.msUntil(this.#expected)) / 1000,
        hour: usage && {used: usage.used, limit: usage.limit},
      };
    }
    return {made: this.#made, left: this.#expected, ...this.#reckoned};
  }

  /** A call has to be made again. */
  expectAgain(): void {
    this.#expected++;
  }

  /** `calls` more calls are known to be needed. Throws IncompleteError if they cannot be made before the deadline. */
  expect(calls: number): void {
    this.#expected += calls;
    if (!Number.isFinite(this.#options.deadlineMs)) return;
    const neededMs = this.msUntil(this.#expected);
    if (neededMs === 0) return;
    this.#refuseLate(
      neededMs,
      `at least ${this.#expected} more calls are needed within ${this.#options.window.describe()}`,
    );
  }

  /** Waits until another call may be made by one that already holds a place in `run`. */
  async turn(signal = this.#options.signal): Promise<void> {
    for (;;) {
      const {clock, window} = this.#options;
      signal.throwIfAborted();
      this.#refuseLate(0, 'the time is up');
      const nowMs = clock.now();
      const quietMs = this.#quietUntilMs - nowMs;
      if (quietMs > longestQuietMs) throw new EndlessQuiet(this.#quietUntilMs);
      const paceMs = quietMs > 0 ? 0 : this.#pace.waitMs(nowMs);
      const waitMs = Math.max(quietMs, paceMs) || window.take();
      if (waitMs <= 0) break;
      const reason =
        quietMs > 0 ? this.#quietReason : paceMs > 0 ? spacedOut : `the calls of ${window.describe()} are used up`;
      this.#spendPatience(waitMs, reason);
      if (quietMs <= 0) this.#wait(waitMs, reason);
      await clock.sleep(waitMs, signal);
    }
    this.#pace.take(this.#options.clock.now());
    this.#firstAtMs ??= this.#options.clock.now();
    this.#made++;
    this.#expected = Math.max(0, this.#expected - 1);
  }

  #spendPatience(ms: number, reason: string): void {
    if (ms > this.#patienceMs) {
      const nowMs = (this.#options.clock.wall ?? this.#options.clock.now)();
      throw new BusyError(`No call may be made before ${formatMoment(nowMs + ms, nowMs)}: ${reason}.`, {
        hint: 'Ask again then.',
      });
    }
    this.#patienceMs -= ms;
  }

  /** Every call that waits comes through here, but the wait is reported once. */
  #wait(ms: number, reason: string): void {
    this.#refuseLate(ms, reason);
    const nowMs = this.#options.clock.now();
    const isTold = nowMs < this.#toldUntilMs || (ms < longWaitMs && nowMs - this.#toldAtMs < tellAgainMs);
    if (isTold) return;
    this.#toldAtMs = nowMs;
    this.#toldUntilMs = nowMs + Math.min(ms, tellAgainMs);
    this.#options.onEvent({type: 'waiting', reason, seconds: ms / 1000});
  }

  #refuseLate(neededMs: number, reason: string): void {
    if (this.#tooLate !== undefined) throw this.#tooLate;
    const {deadlineMs, clock} = this.#options;
    const leftMs = deadlineMs - clock.now();
    if (neededMs < leftMs) return;
    const needed =
      neededMs === 0
        ? ''
        : `, which takes ${formatDuration(neededMs / 1000)}, and ${formatDuration(Math.max(0, leftMs) / 1000)} are left`;
    this.#tooLate = new IncompleteError(`The run cannot be complete before its deadline: ${reason}${needed}.`, {
      hint: this.#options.window.isLimited
        ? 'Give it a later --deadline, a higher --max-requests-per-hour, or fewer tables.'
        : 'Give it a later --deadline, or fewer tables.',
    });
    throw this.#tooLate;
  }
}
