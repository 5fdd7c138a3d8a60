import type {Page} from './page.js';
import {isRouteRefusal} from './policy.js';

/** Asks for the pages of one list by the cursor that its first page gave, for as long as Docebo takes it (api-facts §2.3). */
export class FrozenSearch {
  #cursor: string | null = null;
  /** It was refused, so it is not asked for again. */
  #isThawed = false;

  async ask(path: string, get: (path: string) => Promise<Page>): Promise<Page> {
    const page = await this.#ask(path, get);
    if (!this.#isThawed) this.#cursor ??= page.cursor;
    return page;
  }

  async #ask(path: string, get: (path: string) => Promise<Page>): Promise<Page> {
    if (this.#cursor === null) return get(path);
    try {
      return await get(`${path}&cursor=${encodeURIComponent(this.#cursor)}`);
    } catch (error) {
      if (!isRouteRefusal(error)) throw error;
      this.#cursor = null;
      this.#isThawed = true;
      return get(path);
    }
  }
}
