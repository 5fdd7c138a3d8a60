import {onTestFinished} from 'vitest';
import {DoceboClient} from '../../src/client/index.js';
import type {Emulator} from '../../src/emulator/index.js';
import {type DoceboOptions, openDocebo} from '../../src/source/docebo.js';
import {settleSettings} from '../../src/source/settings.js';
import {hastyClock} from './hasty-clock.js';

/** A client of the emulator's tenant, closed when the test is over. It keeps no folder, so that tests do not count each other's calls. */
export function connect(
  {url, credentials}: Pick<Emulator, 'url' | 'credentials'>,
  options: DoceboOptions = {},
  env: Readonly<Record<string, string>> = {},
): DoceboClient {
  const {clientId, clientSecret} = credentials;
  const own = {DOCEBO_BASE_URL: url, DOCEBO_CLIENT_ID: clientId, DOCEBO_CLIENT_SECRET: clientSecret};
  const settings = settleSettings({env: {...own, ...env}, allowHttp: false});
  const client = new DoceboClient(openDocebo(settings, {clock: hastyClock(), ...options}));
  onTestFinished(async () => client.close());
  return client;
}

export async function collect<T>(rows: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
