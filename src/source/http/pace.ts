/** A little slower than what was borne, then a little faster with each call: about one refusal in a hundred calls. */
const caution = 1.02;
const courage = 0.999;
/** Docebo's published limit is a call in 3.6 s (tables/API.md#rate-limits): who is held up for longer meets somebody else's calls as well. */
const longestIntervalMs = 60_000;

/**
 * The time between two calls that Docebo bears, learned from its refusals: as many calls as were accepted between two of them fit
 * into the time between them. Until it has refused twice, there is no telling.
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

  /** A call is made. */
  take(nowMs: number): void {
    this.#nextMs = Math.max(nowMs, this.#nextMs) + this.#intervalMs;
  }

  accepted(): void {
    this.#accepted++;
    this.#intervalMs *= courage;
  }

  /** Docebo said 429 to a call that was made after it last did. */
  refused(nowMs: number): void {
    if (this.#refusedAtMs !== undefined && this.#accepted > 0) {
      const borneMs = (nowMs - this.#refusedAtMs) / this.#accepted;
      this.#intervalMs = Math.min(longestIntervalMs, borneMs * caution);
    }
    this.#refusedAtMs = nowMs;
    this.#accepted = 0;
  }
}
