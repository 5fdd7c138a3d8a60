import {setMaxListeners} from 'node:events';
import {join} from 'node:path';
import type {OnEvent} from '../report.js';
import {Budget, type Clock, systemClock} from './http/budget.js';
import {Client, type ClientOptions} from './http/client.js';
import {HourlyWindow} from './http/hourly-window.js';
import {LargeReplies} from './http/large-replies.js';
import type {TransportLimits} from './http/transport.js';
import type {Settings} from './settings.js';
import {nameTenant} from './tenant.js';

export interface DoceboOptions extends TransportLimits, Pick<ClientOptions, 'onReply'> {
  /** Records asked for per page, 1 to 200: Docebo sends no more (tables/API.md#paging). @default 200 */
  readonly pageSize?: number;
  /** Requests in flight at most. @default 8 */
  readonly parallelism?: number;
  readonly onEvent?: OnEvent;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Tries per request. @default 6 */
  readonly maxAttempts?: number;
  /** Calls in any hour, over all runs on the tenant that share `stateDir`. @default no limit */
  readonly maxRequestsPerHour?: number;
  /** Where the calls of the last hour are remembered. Left out: only this run's count. */
  readonly stateDir?: string;
  /** Milliseconds after which the run gives up; it gives up earlier if it cannot be complete by then. @default never */
  readonly deadlineMs?: number;
  /** Milliseconds that calls may wait in all for the hourly limit or Docebo's Retry-After; then BusyError is thrown. @default forever */
  readonly patienceMs?: number;
}

/** A tenant, ready to be asked. Nothing is sent before the first table is asked for. */
export interface Docebo {
  /** Whose data it is: base URL and who signs in, as text, never with a secret. */
  readonly tenant: string;
  readonly client: Calls;
  readonly budget: Budget;
  readonly large: LargeReplies;
  readonly pageSize: number;
  readonly parallelism: number;
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  close(): Promise<void>;
}

/** How data is asked for. */
export type Calls = Pick<
  Client,
  'get' | 'token' | 'counts' | 'leadMs' | 'origin' | 'tokenRequests' | 'tokens' | 'transport' | 'close'
>;

/** The same tenant, for calls that end with `signal` too. */
export function boundBy(docebo: Docebo, signal: AbortSignal | undefined): Docebo {
  if (signal === undefined) return docebo;
  const {client} = docebo;
  const both = AbortSignal.any([docebo.signal, signal]);
  setMaxListeners(0, both);
  const {counts, origin, tokens, transport} = client;
  const bound: Calls = {
    ...{counts, origin, tokens, transport},
    get: async (path, read, onCall) => client.get(path, read, onCall, signal),
    token: async () => client.token(),
    close: async () => client.close(),
    get leadMs() {
      return client.leadMs;
    },
    get tokenRequests() {
      return client.tokenRequests;
    },
  };
  return {...docebo, client: bound, signal: both};
}

export function openDocebo(settings: Settings, options: DoceboOptions = {}): Docebo {
  const {pageSize = 200, parallelism = 8, onEvent = () => {}, clock = systemClock} = options;
  const signal = options.signal ?? new AbortController().signal;
  // Every request and every pause listens to it: far more than the ten at which Node warns of a leak.
  setMaxListeners(0, signal);
  const budget = new Budget({
    parallelism,
    window: new HourlyWindow({
      limit: options.maxRequestsPerHour ?? Number.POSITIVE_INFINITY,
      folder:
        options.stateDir === undefined ? null : join(options.stateDir, 'calls', nameFolder(settings.baseUrl.origin)),
      now: clock.wall ?? clock.now,
    }),
    patienceMs: options.patienceMs,
    deadlineMs: clock.now() + (options.deadlineMs ?? Number.POSITIVE_INFINITY),
    clock,
    signal,
    onEvent,
  });
  const large = new LargeReplies();
  const client = new Client(settings, {...options, budget, clock, signal, onEvent, large});
  const tenant = nameTenant(settings);
  const close = async () => client.close();
  return {tenant, client, budget, large, pageSize, parallelism, onEvent, signal, clock, close};
}

/** One folder for all tenants of a host: Docebo counts calls by the address they come from (tables/API.md#rate-limits), not by who signs in. */
function nameFolder(origin: string): string {
  return origin.replace(/^https?:\/\//, '').replaceAll(/[^\w.-]/g, '_');
}
