import type {Cursors} from '../cursors.js';
import type {Exports} from '../exports.js';
import type {Nights} from '../nights.js';
import type {Settings} from '../options.js';
import type {Tenant} from '../tenant/tenant.js';

export interface Call {
  /** What the body of a write holds, in the order in which it was sent; empty for GET. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly nights: Nights;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The value of `{id}` in the path. */
  readonly id: string;
  /** How many records are missing at the start of the list, because of a fault. */
  readonly shift: number;
  readonly cursors: Cursors;
  readonly exports: Exports;
  readonly tenant: Tenant;
  readonly settings: Settings;
}

export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  /** The body of the reply, or a promise of it, or an Attachment; a route that cannot answer throws a Refusal. */
  readonly answer: (call: Call) => unknown;
}

export function get(path: string, answer: Route['answer']): Route {
  return route('GET', path, answer);
}

export function route(method: string, path: string, answer: Route['answer']): Route {
  return {method, answer, pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}/?$`)};
}

/** Arrays are written `name[]=1&name[]=2` or `name[0]=1` (tables/API.md#paging). */
export function readArray(query: URLSearchParams, name: string): string[] {
  return [...query].filter(([key]) => key === name || key.startsWith(`${name}[`)).map(([, value]) => value);
}
