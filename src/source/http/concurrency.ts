const startWidth = 2;
/** Latency counts as steady up to twice the best, or this much above it: what a busy CPU adds does not come from Docebo. */
const slackMs = 100;
const smoothing = 0.2;
/** The best latency is slowly forgotten, since endpoints differ. */
const forgetting = 1.01;

/**
 * How many requests may be in flight. Doubles every round trip until Docebo first pushes back, then grows by one. Stays as it is while latency rises.
 * Halves on a push-back, once for all requests that were under way when it came. Is never below one.
 */
export class Concurrency {
  readonly #ceiling: number;
  #width: number;
  #pushedBackAtMs: number | undefined;
  #bestMs = Number.POSITIVE_INFINITY;
  #smoothMs: number | undefined;

  constructor(ceiling: number) {
    this.#ceiling = ceiling;
    this.#width = Math.min(startWidth, ceiling);
  }

  get width(): number {
    return Math.floor(this.#width);
  }

  succeeded(latencyMs: number): void {
    this.#smoothMs =
      this.#smoothMs === undefined ? latencyMs : this.#smoothMs + smoothing * (latencyMs - this.#smoothMs);
    this.#bestMs = Math.min(this.#smoothMs, this.#bestMs * forgetting);
    if (this.#smoothMs > Math.max(2 * this.#bestMs, this.#bestMs + slackMs)) return;
    const growth = this.#pushedBackAtMs === undefined ? 1 : 1 / this.#width;
    this.#width = Math.min(this.#ceiling, this.#width + growth);
  }

  /** 429 or 503. `startedAtMs`: when the request was sent. Returns whether it made a difference. */
  pushedBack(startedAtMs: number, nowMs: number): boolean {
    if (this.#pushedBackAtMs !== undefined && startedAtMs <= this.#pushedBackAtMs) return false;
    this.#pushedBackAtMs = nowMs;
    this.#width = Math.max(1, Math.floor(this.#width / 2));
    return true;
  }
}
