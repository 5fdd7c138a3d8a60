import type {Page} from './page.js';
import {isRouteRefusal} from './policy.js';

/**
 * Asks for the pages of one list by the cursor that its first page gave, for as long as Docebo takes it (api-facts §2.3). From then on they
 * show the list as it is, and no longer as it was.
 */
export class FrozenSearch {
  readonly #onThaw: () => void;
  #cursor: string | null = null;
  /** Whether any page was read by it. */
  #isFrozen = false;
  /** It was refused, so it is not asked for again. */
  #isThawed = false;

  constructor(onThaw: () => void) {
    this.#onThaw = onThaw;
  }

  async ask(path: string, get: (path: string) => Promise<Page>): Promise<Page> {
    const page = await this.#ask(path, get);
    if (!this.#isThawed) this.#cursor ??= page.cursor;
    return page;
  }

  async #ask(path: string, get: (path: string) => Promise<Page>): Promise<Page> {
    if (this.#cursor === null) return get(path);
    try {
      const page = await get(`${path}&cursor=${encodeURIComponent(this.#cursor)}`);
      // One that is of the past, though another was refused meanwhile, would pass for one of the present.
      if (!this.#isThawed) {
        this.#isFrozen = true;
        return page;
      }
    } catch (error) {
      if (!isRouteRefusal(error)) throw error;
      this.#thaw();
    }
    return get(path);
  }

  #thaw(): void {
    if (this.#isFrozen && !this.#isThawed) this.#onThaw();
    this.#cursor = null;
    this.#isThawed = true;
  }
}
