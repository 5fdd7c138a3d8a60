import {setMaxListeners} from 'node:events';
import type {OnEvent} from '../report.js';
import {type Clock, systemClock} from './budget.js';
import {Client} from './client.js';
import type {Settings} from './settings.js';

export interface DoceboOptions {
  /** Records asked for per page, 1 to 200: Docebo sends no more (api-facts §2.1). @default 200 */
  readonly pageSize?: number;
  /** Requests in flight at the most. @default 8 */
  readonly parallelism?: number;
  readonly onEvent?: OnEvent;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Tries per request. @default 6 */
  readonly maxAttempts?: number;
}

/** A tenant, ready to be asked. Nothing is sent before the first table is. */
export interface Docebo {
  readonly origin: string;
  readonly client: Client;
  readonly pageSize: number;
  readonly parallelism: number;
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
  close(): Promise<void>;
}

export function openDocebo(settings: Settings, options: DoceboOptions = {}): Docebo {
  const {pageSize = 200, parallelism = 8, onEvent = () => {}, clock = systemClock, maxAttempts} = options;
  const signal = options.signal ?? new AbortController().signal;
  // Every request and every pause listens to it: far more than the ten at which Node warns of a leak.
  setMaxListeners(0, signal);
  const client = new Client(settings, {
    parallelism,
    clock,
    signal,
    onEvent,
    ...(maxAttempts !== undefined && {maxAttempts}),
  });
  return {origin: client.origin, client, pageSize, parallelism, onEvent, signal, close: async () => client.close()};
}
