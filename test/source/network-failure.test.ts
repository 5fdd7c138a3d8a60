import {readFileSync} from 'node:fs';
import {createServer} from 'node:https';
import type {AddressInfo} from 'node:net';
import {fileURLToPath} from 'node:url';
import {expect, onTestFinished, test} from 'vitest';
import {RejectedError, UnavailableError} from '../../src/errors.js';
import {runCli} from '../cli/run-cli.js';
import {FakeClock} from './fake-clock.js';
import {listen, open, parse} from './tenant.js';

const users = '/manage/v1/user?page_size=1';

const certificate = (name: string) => fileURLToPath(new URL(`../helpers/certificates/${name}.pem`, import.meta.url));

async function listenTls(name: string): Promise<string> {
  const pem = readFileSync(certificate(name));
  const server = createServer({key: pem, cert: pem}, (_, response) => response.end('{}'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const failureOf = async (url: string) => {
  const clock = new FakeClock();
  const error: unknown = await open(url, {clock})
    .client.get(users, parse)
    .catch((caught: unknown) => caught);
  return {error, slept: clock.slept};
};

test('a certificate of an authority that Node does not know is not asked for twice', async () => {
  const {error, slept} = await failureOf(await listenTls('valid'));
  expect(error).toBeInstanceOf(UnavailableError);
  expect(error).toMatchObject({attempts: 1, hint: expect.stringContaining('NODE_EXTRA_CA_CERTS')});
  expect(slept).toEqual([]);
});

test('what speaks no TLS is not asked for twice', async () => {
  const url = await listen((_, response) => response.end('{}'));
  const {error, slept} = await failureOf(url.replace('http:', 'https:'));
  expect(error).toMatchObject({attempts: 1, hint: expect.stringContaining('does not speak TLS')});
  expect(slept).toEqual([]);
});

test('what speaks TLS and is asked by plain HTTP is not asked twice', async () => {
  const {error, slept} = await failureOf((await listenTls('other-host')).replace('https:', 'http:'));
  expect(error).toMatchObject({
    attempts: 1,
    isLasting: true,
    hint: expect.stringContaining('base_url has to begin with https'),
  });
  expect(slept).toEqual([]);
});

test('what answers plain HTTP with 400, as a web server does at its port for TLS, is told as that', async () => {
  const url = await listen((_, response) => response.writeHead(400, {'content-type': 'text/html'}).end('<html>'));
  const {error} = await failureOf(url);
  expect(error).toMatchObject({hint: expect.stringContaining('should it begin with https?')});
});

test('what closes every connection is asked again, for it may be in trouble', async () => {
  const url = await listen(request => request.socket.destroy());
  const {error, slept} = await failureOf(url);
  expect(error).toMatchObject({isLasting: false, hint: expect.stringContaining('try again later')});
  expect(slept.length).toBeGreaterThan(1);
});

test('a 403 with a page of HTML is not called a missing right', async () => {
  const url = await listen((request, response) => {
    if (request.method === 'POST') response.end('{"access_token":"t"}');
    else response.writeHead(403, {'content-type': 'text/html'}).end('<html>Blocked</html>');
  });
  const {error} = await failureOf(url);
  expect(error).toBeInstanceOf(RejectedError);
  expect(error).toMatchObject({lacksRight: false, hint: expect.stringMatching(/firewall or a proxy/)});
});

test.each([
  ['expired', 'is not valid today'],
  ['other-host', 'belongs to another host: check base_url'],
])('a certificate that is %s is not asked for twice', async (name, hint) => {
  const env = {
    DOCEBO_BASE_URL: await listenTls(name),
    DOCEBO_CLIENT_ID: 'client',
    DOCEBO_CLIENT_SECRET: 'the-client-secret',
    NODE_EXTRA_CA_CERTS: certificate('authority'),
  };
  const {exitCode, stderr} = await runCli(['check', '--source-table', 'users', '--state-dir', '/nonexistent/x'], env);
  expect({exitCode, stderr}).toEqual({exitCode: 4, stderr: expect.stringContaining(hint)});
  expect(stderr).not.toContain('retrying');
});

test('an address with a path below which there is no Docebo is told as that', async () => {
  const url = await listen((_, response) => response.writeHead(404).end('{"message":"Not found"}'));
  const {error} = await failureOf(`${url}/learn`);
  expect(error).toMatchObject({
    exitCode: 5,
    hint: expect.stringContaining('base_url has a path, /learn'),
  });
});
