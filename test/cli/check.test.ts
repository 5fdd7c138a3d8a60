import {mkdtempSync, rmSync} from 'node:fs';
import {createServer, type RequestListener} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it, test} from 'vitest';
import {writeSourceUri} from '../../src/cli/source-uri.js';
import {startEmulator} from '../../src/emulator/index.js';
import {runCli} from './run-cli.js';

const always = Number.POSITIVE_INFINITY;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docebo-check-'));
});

afterEach(() => {
  rmSync(folder, {recursive: true, force: true});
});

const check = (sourceUri: string, ...more: string[]) =>
  runCli(['check', '--source-uri', sourceUri, '--state-dir', join(folder, 'state'), ...more]);

async function serve<T>(listener: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const {port} = server.address() as AddressInfo;
  try {
    return await use(`http://127.0.0.1:${port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const strangers: readonly (readonly [string, RequestListener])[] = [
  ['a page of HTML', (_, reply) => reply.setHeader('content-type', 'text/html').end('<html>Welcome</html>')],
  ['404', (_, reply) => reply.writeHead(404, {'content-type': 'text/html'}).end('<html>Not found</html>')],
  ['a redirect', (_, reply) => reply.writeHead(302, {location: 'https://elsewhere.invalid/'}).end()],
];

describe('a host that answers everything with', () => {
  test.each(strangers)('%s is not blamed on rights', async (_, listener) => {
    await serve(listener, async url => {
      const {exitCode, stderr} = await check(`docebo://?base_url=${url}&client_id=a&client_secret=b`);
      expect(exitCode).toBe(5);
      expect(stderr).toMatch(
        /^docebo-ingest: http:\/\/127\S+ answered the token request with \d+ and no JSON object\. Is base_url the address of a Docebo tenant\? A maintenance page looks like this as well\.\n$/,
      );
    });
  });

  test('404 to a ready token is not blamed on rights either', async () => {
    await serve(
      (_, reply) => reply.writeHead(404).end(),
      async url => {
        const {exitCode, stderr} = await check(`docebo://?base_url=${url}&token=t`);
        expect(exitCode).toBe(5);
        expect(stderr).toContain('Is base_url the address of a Docebo tenant?');
      },
    );
  });
});

it('tells a missing right from an app that is not there', async () => {
  const emulator = await startEmulator({users: 20});
  try {
    emulator.setFaults([
      {match: '/learn/v1/certification', kind: 'status', status: 403, times: always},
      {match: '/learn/v1/external_training', kind: 'status', status: 404, times: always},
    ]);
    const uri = writeSourceUri(emulator);
    const both = await check(uri, '--source-table', 'users,certifications,external_training');
    expect(both.exitCode).toBe(5);
    expect(both.stderr).toBe(
      'docebo-ingest: The credential lacks the right to read certifications (403). This tenant does not serve external_training. Leave these tables out, or have the API user given the right.\n',
    );
    emulator.setFaults([{match: /certification|external_training/, kind: 'status', status: 404, times: always}]);
    expect((await check(uri, '--source-table', 'certifications,external_training')).stderr).toBe(
      'docebo-ingest: This tenant does not serve certifications, external_training. Leave these tables out: they may belong to a Docebo app that is not installed.\n',
    );
    const absent = await check(uri, '--source-table', 'users,external_training', '--json');
    expect(JSON.parse(absent.stdout)).toMatchObject([{obstacle: null}, {obstacle: 'absent'}]);
    expect(absent.stderr).not.toContain('right');
  } finally {
    await emulator.close();
  }
});
