/** A little slower than what was borne, then a little faster with each call: about one refusal in a hundred calls. */
const caution = 1.02;
const courage = 0.999;

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
    if (this.#refusedAtMs !== undefined) {
      this.#intervalMs = ((nowMs - this.#refusedAtMs) / Math.max(1, this.#accepted)) * caution;
    }
    this.#refusedAtMs = nowMs;
    this.#accepted = 0;
  }
}
