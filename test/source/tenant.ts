import {createServer, type RequestListener} from 'node:http';
import {onTestFinished} from 'vitest';
import {type Emulator, type EmulatorOptions, startEmulator} from '../../src/emulator/index.js';
import {Secret} from '../../src/secret.js';
import {type Docebo, type DoceboOptions, openDocebo} from '../../src/source/docebo.js';
import type {Credentials} from '../../src/source/settings.js';
import {FakeClock} from './fake-clock.js';

export const clientCredentials: Credentials = {
  grant: 'client_credentials',
  clientId: 'docebo-demo',
  clientSecret: new Secret('demo-client-secret'),
};

/** An emulator that is closed when the test is over. */
export async function emulate(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({users: 50, ...options});
  onTestFinished(async () => emulator.close());
  return emulator;
}

/** A server on loopback that answers as it is told, closed when the test is over. Gives its address. */
export async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The server has no port.');
  return `http://127.0.0.1:${address.port}`;
}

export function open(url: string, options: DoceboOptions = {}, credentials = clientCredentials): Docebo {
  const docebo = openDocebo({baseUrl: new URL(url), credentials}, {clock: new FakeClock(), ...options});
  onTestFinished(async () => docebo.close());
  return docebo;
}

export const parse = (body: Buffer): unknown => JSON.parse(body.toString());
