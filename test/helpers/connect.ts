import {onTestFinished} from 'vitest';
import {type ClientOptions, DoceboClient} from '../../src/client/index.js';
import type {Emulator} from '../../src/emulator/index.js';
import {hastyClock} from './hasty-clock.js';

/** A client of the emulator's tenant, closed when the test is over. */
export function connect(
  {url, credentials}: Pick<Emulator, 'url' | 'credentials'>,
  options: ClientOptions = {},
): DoceboClient {
  const {clientId, clientSecret} = credentials;
  const env = {DOCEBO_BASE_URL: url, DOCEBO_CLIENT_ID: clientId, DOCEBO_CLIENT_SECRET: clientSecret};
  // Without a folder, so that tests do not count each other's calls.
  const client = DoceboClient.fromEnv({env: {...env, ...options.env}, clock: hastyClock(), ...without(options)});
  onTestFinished(async () => client.close());
  return client;
}

function without({env: _, ...options}: ClientOptions): ClientOptions {
  return options;
}

export async function collect<T>(rows: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
