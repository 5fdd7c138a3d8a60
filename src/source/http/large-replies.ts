/** A string in V8 holds 536,870,888 characters, and a body that is not UTF-8 is read as one. */
export const mostPageBytes = 500_000_000;
/** A page of 200 records is about 200 KB. A reply that is larger than this has to wait for its turn. */
export const largeBytes = 4 * 1024 * 1024;
/** Bytes of pages that may wait for the disk while another large reply is let in. */
const mostLandingBytes = 16 * largeBytes;

/**
 * Bounds the memory of all replies together, not of each. One reply at a time may grow large, until it is cut up, and none while pages that have come
 * hold too much already. The others stop at their fourth megabyte and make the network wait.
 */
export class LargeReplies {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;
  #landingBytes = 0;

  /** Resolves when a reply may grow large. The caller then has to `leave`. */
  async enter(): Promise<void> {
    while (this.#isTaken || this.#landingBytes > mostLandingBytes)
      await new Promise<void>(resolve => this.#waiting.push(resolve));
    this.#isTaken = true;
  }

  leave(): void {
    this.#isTaken = false;
    this.#wake();
  }

  /** Counts the bytes that a page holds until it has landed. */
  async land(bytes: number, land: () => Promise<void>): Promise<void> {
    this.#landingBytes += bytes;
    try {
      await land();
    } finally {
      this.#landingBytes -= bytes;
      this.#wake();
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
