import {createServer} from 'node:http';
import {createFaults, type Fault} from './faults.js';
import {type SeenRequest, serve} from './http/serve.js';
import type {Credentials} from './http/tokens.js';
import {type EmulatorOptions, settle} from './options.js';
import {createTenant} from './tenant/tenant.js';
import {tellTruth} from './truth.js';

export interface Emulator {
  readonly url: string;
  readonly options: EmulatorOptions;
  readonly credentials: Credentials;
  /** Everything asked so far, in the order in which it was answered. */
  readonly requests: readonly SeenRequest[];
  /** The records that a complete copy of a table holds, as sent, with the values bound from the parent. */
  truth(table: string): Iterable<Record<string, unknown>>;
  /** Replaces the faults, used up or not. */
  setFaults(faults: readonly Fault[]): void;
  close(): Promise<void>;
}

/** Starts a Docebo on loopback. The same seed and size give the same tenant, byte for byte. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = settle(options);
  const tenant = createTenant(settings.seed, settings.users);
  const requests: SeenRequest[] = [];
  let faults = createFaults(settings.faults);
  const server = createServer(serve({tenant, settings, faults: () => faults, record: seen => requests.push(seen)}));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    options,
    credentials: settings.credentials,
    requests,
    truth: table => tellTruth(table, tenant, settings),
    setFaults(next) {
      faults = createFaults(next);
    },
    close() {
      return new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
