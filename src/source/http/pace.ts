/** A little slower than the pace that was accepted, then a little faster with each call: about one refusal in a hundred calls. */
const caution = 1.02;
const courage = 0.999;
/** Docebo's published limit is a call in 3.6 s (tables/API.md#rate-limits): if calls are held up for longer, somebody else makes calls too. */
const longestIntervalMs = 60_000;

/**
 * The time between two calls that Docebo accepts, learned from its refusals: the time between two of them, divided by the calls that were accepted
 * meanwhile. Nothing is known until Docebo has refused twice.
 */
export class Pace {
  #intervalMs = 0;
  #nextMs = 0;
  #refusedAtMs: number | undefined;
  #accepted = 0;

  /** Milliseconds until the next call is due. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#nextMs - nowMs);
  }

  /** Counts a call that is made now. */
  take(nowMs: number): void {
    this.#nextMs = Math.max(nowMs, this.#nextMs) + this.#intervalMs;
  }

  accepted(): void {
    this.#accepted++;
    this.#intervalMs *= courage;
  }

  /** Docebo answered 429 to a call that was made after its last 429. */
  refused(nowMs: number): void {
    if (this.#refusedAtMs !== undefined && this.#accepted > 0) {
      const acceptedMs = (nowMs - this.#refusedAtMs) / this.#accepted;
      this.#intervalMs = Math.min(longestIntervalMs, acceptedMs * caution);
    }
    this.#refusedAtMs = nowMs;
    this.#accepted = 0;
  }
}
