import {readFileSync} from 'node:fs';
import {createServer, type IncomingMessage, request as send} from 'node:http';
import {createServer as createTlsServer} from 'node:https';
import {type AddressInfo, connect, type Server, type Socket} from 'node:net';
import {fileURLToPath} from 'node:url';
import {describe, expect, onTestFinished, test} from 'vitest';
import packageJson from '../../package.json' with {type: 'json'};
import {redact} from '../../src/secret.js';
import {openDocebo} from '../../src/source/docebo.js';
import {findProxy} from '../../src/source/http/proxy.js';
import {version} from '../../src/version.js';
import {runCli} from '../cli/run-cli.js';
import {FakeClock} from './fake-clock.js';
import {clientCredentials, listen, parse} from './tenant.js';

const certificate = (name: string) => fileURLToPath(new URL(`../helpers/certificates/${name}.pem`, import.meta.url));

async function start(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', socket => sockets.add(socket));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

interface Wanted {
  /** `user:password`. */
  readonly credentials?: string;
  /** Answered to everything. */
  readonly status?: number;
}

/** A proxy that keeps what it was asked for. */
async function startProxy({credentials, status}: Wanted = {}) {
  const seen: string[] = [];
  const refuse = ({headers}: IncomingMessage) => {
    const given = headers['proxy-authorization'];
    if (credentials !== undefined && given !== `Basic ${Buffer.from(credentials).toString('base64')}`) return 407;
    return status;
  };
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['user-agent']}`);
    const refusal = refuse(request);
    if (refusal !== undefined) return response.writeHead(refusal, {'content-type': 'text/html'}).end('<html>');
    const {'proxy-authorization': _, ...headers} = request.headers;
    const passed = send(request.url ?? '', {method: request.method, headers}, reply => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    return request.pipe(passed);
  });
  server.on('connect', (request, socket: Socket) => {
    seen.push(`CONNECT ${request.url} ${request.headers['user-agent']}`);
    const refusal = refuse(request);
    if (refusal !== undefined) return socket.end(`HTTP/1.1 ${refusal} No\r\nconnection: close\r\n\r\n`);
    const [host, port] = (request.url ?? '').split(':');
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    for (const end of [socket, target]) end.on('error', () => end.destroy());
    return target;
  });
  const port = await start(server);
  return {port, url: `http://127.0.0.1:${port}`, seen};
}

/** A Docebo with one group. */
async function startDocebo(pem?: string) {
  const seen: string[] = [];
  const answer = (request: IncomingMessage, response: {end: (body: string) => unknown}) => {
    seen.push(`${request.method} ${request.url?.split('?')[0]} ${request.headers['user-agent']}`);
    if (request.url === '/oauth2/token') return response.end('{"access_token":"the-access-token"}');
    return response.end('{"data":{"items":[{"id":1,"name":"a"}],"count":1,"total_count":1,"has_more_data":false}}');
  };
  if (pem === undefined) return {url: await listen(answer), seen};
  const text = readFileSync(certificate(pem));
  return {url: `https://127.0.0.1:${await start(createTlsServer({key: text, cert: text}, answer))}`, seen};
}

const ask = (url: string, env: Readonly<Record<string, string>>) =>
  runCli(['check', '--source-table', 'groups', '--debug', '--state-dir', '/nonexistent/never-written'], {
    DOCEBO_BASE_URL: url,
    DOCEBO_CLIENT_ID: 'client',
    DOCEBO_CLIENT_SECRET: 'the-client-secret',
    ...env,
  });

const agent = `docebo-ingest/${version} (+https://www.npmjs.com/package/docebo-ingest)`;

describe('a proxy', () => {
  test.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'])(
    'that %s names is asked for all of http',
    async name => {
      const [docebo, proxy] = [await startDocebo(), await startProxy()];
      const {exitCode} = await ask(docebo.url, {[name]: proxy.url});
      expect(exitCode).toBe(0);
      expect(proxy.seen[0]).toBe(`POST ${docebo.url}/oauth2/token ${agent}`);
      expect(proxy.seen[1]).toContain(`GET ${docebo.url}/audiences/v1/audience?`);
      expect(docebo.seen).toHaveLength(proxy.seen.length);
    },
  );

  test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])('that %s names makes a tunnel for https', async name => {
    const [docebo, proxy] = [await startDocebo('valid'), await startProxy({credentials: 'us er:p@ss-word-7'})];
    const {exitCode, stderr} = await ask(docebo.url, {
      [name]: `us%20er:p%40ss-word-7@127.0.0.1:${proxy.port}`,
      HTTP_PROXY: 'http://127.0.0.1:9',
      NODE_EXTRA_CA_CERTS: certificate('authority'),
    });
    expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''});
    expect(new Set(proxy.seen)).toEqual(new Set([`CONNECT ${new URL(docebo.url).host} ${agent}`]));
    expect(docebo.seen).toEqual([`POST /oauth2/token ${agent}`, `GET /audiences/v1/audience ${agent}`]);
  });

  test.each([undefined, 'valid'])('that wants a password is named, once, and no secret is (%s)', async pem => {
    const [docebo, proxy] = [await startDocebo(pem), await startProxy({credentials: 'user:good'})];
    const wrong = await ask(docebo.url, {ALL_PROXY: `http://user:not-good-7@127.0.0.1:${proxy.port}`});
    expect(wrong).toMatchObject({exitCode: 4});
    expect(wrong.stderr).toContain(
      `PROXY_REFUSAL (the proxy ${proxy.url} answered 407). It does not accept the user and the password in ALL_PROXY.`,
    );
    expect(wrong.stderr).not.toContain('not-good-7');
    const none = await ask(docebo.url, {ALL_PROXY: proxy.url});
    expect(none.stderr).toContain('write ALL_PROXY as http://user:password@host:port');
    expect(proxy.seen).toHaveLength(2);
    expect(docebo.seen).toEqual([]);
  });

  test('that lets nothing through to Docebo is named, at once', async () => {
    const [docebo, proxy] = [await startDocebo('valid'), await startProxy({status: 403})];
    const {exitCode, stderr} = await ask(docebo.url, {HTTPS_PROXY: proxy.url});
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`The proxy that HTTPS_PROXY names does not let this through to ${docebo.url}.`);
    expect(proxy.seen).toHaveLength(1);
  });

  test('that does not get through to Docebo for a moment is asked again', async () => {
    const [docebo, proxy] = [await startDocebo('valid'), await startProxy({status: 503})];
    const baseUrl = new URL(docebo.url);
    const settings = {baseUrl, credentials: clientCredentials, proxy: findProxy(baseUrl, {HTTPS_PROXY: proxy.url})};
    const {client, close} = openDocebo(settings, {clock: new FakeClock(), maxAttempts: 3});
    onTestFinished(close);
    const error: unknown = await client.get('/manage/v1/user', parse).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      attempts: 3,
      hint: `The proxy that HTTPS_PROXY names did not get through to ${docebo.url}: try again later.`,
    });
    expect(proxy.seen).toHaveLength(3);
  });

  test('that is given a password alone is told it', () => {
    const proxy = findProxy(new URL('http://docebo'), {HTTP_PROXY: 'http://:only-the-password@proxy:8080'});
    expect(proxy?.authorization?.reveal()).toBe(`Basic ${Buffer.from(':only-the-password').toString('base64')}`);
    expect(redact('only-the-password')).toBe('***');
  });

  test('that is not there is named, at once', async () => {
    const {exitCode, stderr} = await ask('https://127.0.0.1:9', {HTTPS_PROXY: 'http://127.0.0.1:9'});
    expect(exitCode).toBe(4);
    expect(stderr).toContain('The proxy http://127.0.0.1:9 cannot be reached: check HTTPS_PROXY and the network.');
    expect(stderr).not.toContain('retrying');
  });

  test('is passed by for what NO_PROXY lists', async () => {
    const docebo = await startDocebo();
    const {exitCode} = await ask(docebo.url, {HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: 'localhost,127.0.0.1'});
    expect(exitCode).toBe(0);
  });
});

const chosen = (url: string, env: Readonly<Record<string, string>>) => findProxy(new URL(url), env)?.origin;

describe('the choice of a proxy', () => {
  test.each<[string, string, boolean]>([
    ['https://acme.docebosaas.com', '', true],
    ['https://acme.docebosaas.com', '*', false],
    ['https://acme.docebosaas.com', 'other.com, *', false],
    ['https://acme.docebosaas.com', 'docebosaas.com', false],
    ['https://acme.docebosaas.com', '.DoceboSaas.com', false],
    ['https://acme.docebosaas.com', '*.docebosaas.com', false],
    ['https://acme.docebosaas.com', 'saas.com', true],
    ['https://acme.docebosaas.com', 'a.com docebosaas.com:443', false],
    ['https://acme.docebosaas.com:8443', 'docebosaas.com:443', true],
    ['https://127.0.0.1:1', 'localhost', true],
    ['https://127.0.0.1:1', '127.0.0.0/8', false],
    ['https://10.1.2.3', '127.0.0.0/8,10.0.0.0/99', true],
    ['https://[::1]:1', '::1', false],
    ['https://[::1]:1', '[::1]', false],
    ['https://[::1]:1', '[::1]:2', true],
    ['https://[fd00::5]', 'fd00::/8', false],
  ])('for %s with NO_PROXY %j', (url, left, isUsed) => {
    expect(chosen(url, {HTTPS_PROXY: 'p:3128', NO_PROXY: left})).toBe(isUsed ? 'http://p:3128' : undefined);
    expect(chosen(url, {HTTPS_PROXY: 'p:3128', no_proxy: left})).toBe(isUsed ? 'http://p:3128' : undefined);
  });

  test('goes by the kind of address, and by lower case first', () => {
    const env = {HTTPS_PROXY: 'upper:1', https_proxy: 'lower:1', HTTP_PROXY: 'plain:1', all_proxy: 'all:1'};
    expect(chosen('https://a.com', env)).toBe('http://lower:1');
    expect(chosen('http://a.com', env)).toBe('http://plain:1');
    expect(chosen('http://a.com', {HTTPS_PROXY: 'upper:1', https_proxy: ''})).toBeUndefined();
    expect(chosen('https://a.com', {https_proxy: ' ', HTTPS_PROXY: 'https://upper:1/'})).toBe('https://upper:1');
  });

  test.each(['socks5://user:pass-7@p:1', 'http://', 'http://user:pass-7@p:99999', 'a b'])('refuses %s', text => {
    const find = () => findProxy(new URL('https://a.com'), {ALL_PROXY: text});
    expect(find).toThrow('ALL_PROXY does not name an HTTP proxy.');
    expect(find).not.toThrow('pass-7');
  });

  test('hides its password, as it is written and as it is sent', () => {
    findProxy(new URL('https://a.com'), {ALL_PROXY: 'http://us%20er:p%3Aw%2Frd-77@p:1'});
    const sent = Buffer.from('us er:p:w/rd-77').toString('base64');
    expect(redact(`p%3Aw%2Frd-77 p:w/rd-77 Basic ${sent}`)).toBe('*** *** ***');
  });
});

test('the version that is told is that of the package', () => {
  expect(version).toBe(packageJson.version);
});
