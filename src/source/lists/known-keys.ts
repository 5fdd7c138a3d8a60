/**
 * Keys of the first page of a list and of the one furthest on. By them a page is known that comes again, and one that rows have left, however
 * the rest of the rows may have changed.
 */
export class KnownKeys {
  readonly #pages = new Map<number, readonly string[]>();

  note(page: number, keys: readonly string[]): void {
    for (const known of this.#pages.keys()) if (known !== 1 && known < page) this.#pages.delete(known);
    this.#pages.set(page, keys);
  }

  /** Whether a page of so many records brings nothing new. */
  hold(keys: readonly string[], records: number): boolean {
    const known = new Set([...this.#pages.values()].flat());
    return keys.length === records && keys.every(key => known.has(key));
  }

  /** Rows that a page does not hold any more. */
  countLost(page: number, keys: readonly string[]): number {
    const present = new Set(keys);
    return this.#pages.get(page)?.filter(key => !present.has(key)).length ?? 0;
  }
}
