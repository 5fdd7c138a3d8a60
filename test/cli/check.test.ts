import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type IncomingMessage, type RequestListener, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it, test} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
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
      'docebo-ingest: The credential lacks the right to read certifications (403). This tenant does not serve external_training. Leave these tables out, or give the API user the right.\n',
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

test('names columns that no record held and keys that no column declares, and suggests a capture only if no other route explains them', async () => {
  const items = [{user_id: '7', username: 'ann', brand_new: 1, '': 1, 'a, b': 1, field_3: 'x', avatar: null}];
  const answers = (request: IncomingMessage, reply: ServerResponse) => {
    const isToken = request.url?.startsWith('/oauth2/token');
    const list = {data: {items, count: 1, total_count: 1, has_more_data: false}};
    request.resume();
    reply.end(JSON.stringify(isToken ? {access_token: 'a'.repeat(40)} : list));
  };
  await serve(answers, async url => {
    const uri = `docebo://?base_url=${url}&client_id=a&client_secret=b`;
    const {exitCode, stdout} = await check(uri, '--source-table', 'users');
    expect(exitCode).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /users no record held first_name, .*users no column declares brand_new, "", "a, b" Docebo may have changed.* docebo-ingest capture --out FOLDER/,
    );
    expect(stdout).not.toMatch(/avatar|field_3/);
    const [told] = JSON.parse((await check(uri, '--source-table', 'users', '--json')).stdout);
    expect(told).toMatchObject({table: 'users', undeclared: ['brand_new', '', 'a, b']});
    expect(told.unheld).toContain('first_name');
  });
  const emulator = await startEmulator({users: 20});
  try {
    const {stdout} = await check(writeSourceUri(emulator), '--source-table', 'users,courses');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('enrolled_count');
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/which another route or record may $/);
    expect(stdout).not.toContain('capture');
    const plain = await check(writeSourceUri(emulator), '--source-table', 'users');
    expect(plain.stdout).not.toContain('declare');
  } finally {
    await emulator.close();
  }
});

describe('before the first request', () => {
  /** What Node finds where npm left the native part out. */
  const missing = `
    const {Module} = require('node:module');
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (request, ...rest) {
      if (/node-bindings-.*duckdb[.]node$/.test(request)) throw new Error("Cannot find module '" + request + "'");
      return resolve.call(this, request, ...rest);
    };`;

  test.each([
    ['check', []],
    ['demo', []],
    ['ingest', ['--source-table', 'users', '--dest-uri', 'duckdb:///out.duckdb']],
    ['ingest', ['--source-table', 'users', '--dest-uri', 'jsonl://out', '--dry-run']],
  ])('%s %j says that the native part of DuckDB is missing, and what to do', async (command, more) => {
    const emulator = await startEmulator({users: 5});
    try {
      const hook = join(folder, 'missing.cjs');
      writeFileSync(hook, missing);
      const source = ['--source-uri', writeSourceUri(emulator), '--state-dir', join(folder, 'state')];
      const env = {NODE_OPTIONS: `--require ${hook}`};
      const args = command === 'demo' ? [command] : [command, ...source, ...more];
      const {exitCode, stderr} = await runCli(args, env, folder);
      expect({exitCode, stderr}).toMatchObject({exitCode: 6});
      expect(stderr).toMatch(
        /^docebo-ingest: DuckDB cannot be loaded on this machine \(\S+\): Cannot find module '@duckdb\S+'\. .* npm install --include=optional/,
      );
      expect(emulator.requests).toEqual([]);
    } finally {
      await emulator.close();
    }
  });

  test.each([
    [
      'a destination that cannot be written',
      ['--dest-uri', 'duckdb://file/out.duckdb'],
      /^docebo-ingest: \S+file is not a folder/,
    ],
    [
      'a table that cannot be called so',
      ['--dest-uri', 'duckdb:///out.duckdb', '--dest-table', 'pg_catalog.*'],
      /DuckDB's own/,
    ],
    ['a state folder that cannot be one', ['--state-dir', 'file/state'], /file\/state/],
  ])('check refuses %s', async (_, more, said) => {
    const emulator = await startEmulator({users: 5});
    try {
      writeFileSync(join(folder, 'file'), '');
      const {exitCode, stderr} = await runCli(
        ['check', '--source-uri', writeSourceUri(emulator), ...more],
        {HOME: folder},
        folder,
      );
      expect({exitCode, stderr}).toMatchObject({exitCode: 6, stderr: expect.stringMatching(said)});
      expect(emulator.requests).toEqual([]);
    } finally {
      await emulator.close();
    }
  });

  test('check finds a destination good, and leaves none behind', async () => {
    const emulator = await startEmulator({users: 5});
    try {
      const more = ['--dest-uri', 'jsonl://new/out', '--dest-table', 'docebo.*'];
      const {exitCode, stderr} = await runCli(
        ['check', '--source-uri', writeSourceUri(emulator), ...more],
        {HOME: folder},
        folder,
      );
      expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''});
      expect(existsSync(join(folder, 'new'))).toBe(false);
    } finally {
      await emulator.close();
    }
  });
});
