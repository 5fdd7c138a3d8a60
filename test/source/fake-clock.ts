import type {Clock} from '../../src/source/http/budget.js';

/** Sleeps at once by moving its time on, and keeps what it was asked to sleep. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  #nowMs: number;

  constructor(nowMs = Date.UTC(2026, 9, 21)) {
    this.#nowMs = nowMs;
  }

  now = (): number => this.#nowMs;

  random = (): number => 0.5;

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(ms);
    this.advance(ms);
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}
