import {readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {messageOf} from '../../errors.js';
import {writeWhole} from '../../local-paths.js';
import {fullRouteName, isDerived} from '../../routes.js';
import type {Route, Table} from '../../table.js';
import type {Docebo} from '../docebo.js';
import {tenantFolder} from '../tenant.js';

export interface RememberedRoute {
  /** The route that has served the table and must not be left for another. */
  readonly held: Route | undefined;
  /** Name of the route by which the last run read the table; null if none is known. */
  readonly before: string | null;
  readonly warnings: readonly string[];
}

/** `mayChange`: whether a table may be read by another route than before. */
export function openRouteMemory(stateDir: string, {tenant}: Pick<Docebo, 'tenant'>, mayChange = false): RouteMemory {
  return new RouteMemory(join(tenantFolder(stateDir, tenant), 'routes'), {mayChange});
}

/**
 * Remembers for one tenant which route has served each table. Two routes give different columns, so a table does not change its route because Docebo
 * refused the first for a moment. Each table has its own file, so that two runs at once do not undo what the other has written.
 */
export class RouteMemory {
  readonly #folder: string | null;
  readonly #mayChange: boolean;
  /** The routes that have served in this run. */
  readonly #served = new Map<Table, Route>();

  /** Without a folder only this run is remembered. `mayChange`: what earlier runs have read does not count. */
  constructor(folder: string | null, {mayChange = false} = {}) {
    this.#folder = folder;
    this.#mayChange = mayChange;
  }

  async recall(table: Table): Promise<RememberedRoute> {
    const served = this.#served.get(table);
    if (served !== undefined) return {held: served, before: fullRouteName(served), warnings: []};
    const {before, warnings} = await this.#read(table);
    if (this.#mayChange || before === null) return {held: undefined, before, warnings};
    return {held: table.routes.find(route => fullRouteName(route) === before), before, warnings};
  }

  /** Returns a warning if the route could not be written down. */
  async remember(table: Table, route: Route): Promise<readonly string[]> {
    if (this.#served.get(table) === route) return [];
    this.#served.set(table, route);
    const file = this.#fileOf(table);
    if (file === null || isDerived(route)) return [];
    try {
      await writeWhole(file, `${JSON.stringify({route: fullRouteName(route)})}\n`);
      return [];
    } catch (error) {
      return [`Its route could not be written down, so the next run may take another: ${messageOf(error)}`];
    }
  }

  /** Has a table read by the route that it was published with. */
  async hold(table: Table, routeName: string): Promise<void> {
    const route = table.routes.find(each => fullRouteName(each) === routeName);
    if (route !== undefined) await this.remember(table, route);
  }

  /** Forgets a route whose table could not be published, so that the next run begins with the first one. */
  async forget(name: string): Promise<void> {
    for (const table of this.#served.keys()) if (table.name === name) this.#served.delete(table);
    const file = this.#fileOf({name});
    // If the file stays, the table fails in the next run, which then says so.
    if (file !== null) await rm(file, {force: true}).catch(() => undefined);
  }

  async #read(table: Table): Promise<Pick<RememberedRoute, 'before' | 'warnings'>> {
    const file = this.#fileOf(table);
    if (file === null) return {before: null, warnings: []};
    try {
      const {route}: {route?: unknown} = JSON.parse(await readFile(file, 'utf8'));
      if (typeof route === 'string') return {before: route, warnings: []};
      return {before: null, warnings: [`${file} does not name the route of an earlier run.`]};
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {before: null, warnings: []};
      return {before: null, warnings: [`The route of an earlier run could not be looked up: ${messageOf(error)}`]};
    }
  }

  #fileOf({name}: Pick<Table, 'name'>): string | null {
    return this.#folder === null ? null : join(this.#folder, `${name}.json`);
  }
}
