import {Agent, type Dispatcher} from 'undici';
import {UsageError} from '../../errors.js';
import {formatDuration} from '../../format-duration.js';
import {InvalidBodyError} from '../../json/scanner.js';
import {version} from '../../version.js';
import {decodeBody} from './decode-body.js';
import {type LargeReplies, mostPageBytes} from './large-replies.js';
import {isClosed} from './network-failure.js';
import {judge} from './policy.js';
import type {HttpProxy} from './proxy.js';
import {openProxyAgent, ProxyRefusal, readProxyStatus} from './proxy-agent.js';
import {Receiver} from './receiver.js';
import {speaksTls, TlsWanted} from './tls-probe.js';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** How long a reply may take and how large it may be, before it is given up and asked for again. */
export interface TransportLimits {
  /** Up to 500,000,000. @default 67_108_864: a page of 200 records is about 200 KB. */
  readonly maxPageBytes?: number;
  /** @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** Until the first byte. @default 60_000 */
  readonly headersTimeoutMs?: number;
  /** Between two bytes. @default 30_000 */
  readonly bodyTimeoutMs?: number;
  /** For the whole exchange: a reply that drips in byte by byte never idles. @default 300_000 */
  readonly pageTimeoutMs?: number;
}

export interface TransportOptions extends TransportLimits {
  readonly origin: string;
  /** Path below which the API lives; empty for the root. */
  readonly basePath: string;
  readonly proxy: HttpProxy | null;
  readonly signal: AbortSignal;
  readonly large: LargeReplies;
}

/** Limit for a token, and for the explanation of a refusal. */
const mostAsideBytes = 1024 * 1024;

const defaultConnectTimeoutMs = 10_000;

const userAgent = `docebo-ingest/${version} (+https://www.npmjs.com/package/docebo-ingest)`;
/** Everything is JSON but the ZIP of a report. */
const commonHeaders = {accept: 'application/json, */*;q=0.1', 'user-agent': userAgent} as const;

type Request = Omit<Dispatcher.DispatchOptions, 'origin'>;

interface SendOptions {
  /** Ends the exchange. @default that of the transport */
  readonly signal?: AbortSignal | undefined;
  /** Called when the request is about to be written to a connection: before that, it cannot have arrived. */
  readonly onSent?: (() => void) | undefined;
}

/** Named like a failure of the network, so that it is tried again. */
class PageTimeout extends Error {
  readonly code = 'PAGE_TIMEOUT';

  constructor(timeoutMs: number) {
    super(`the reply was not whole after ${formatDuration(timeoutMs / 1000)}`);
  }
}

/** Sends one request and returns its whole body, unzipped. Follows no redirect: a token never reaches another origin. */
export class Transport {
  readonly #agent: Dispatcher;
  #isClosed = false;
  readonly #options: TransportOptions;
  readonly #maxPageBytes: number;
  /** Whether anything has ever come back: a host that never answered is a wrong address, not an outage. */
  hasAnswered = false;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#maxPageBytes = Math.min(options.maxPageBytes ?? 64 * 1024 * 1024, mostPageBytes);
    const {
      proxy,
      connectTimeoutMs = defaultConnectTimeoutMs,
      headersTimeoutMs = 60_000,
      bodyTimeoutMs = 30_000,
    } = options;
    this.#agent =
      proxy === null
        ? new Agent({
            connect: {timeout: connectTimeoutMs},
            headersTimeout: headersTimeoutMs,
            bodyTimeout: bodyTimeoutMs,
          })
        : openProxyAgent(proxy, {connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs}, userAgent);
  }

  /** Passes the reply to `use`, which has to take what it needs from a large body: another large one is let in afterwards. */
  async get<T>(pathAndQuery: string, token: string, use: (reply: Reply) => T, signal?: AbortSignal): Promise<T> {
    const request: Request = {
      method: 'GET',
      path: this.#options.basePath + pathAndQuery,
      // Not deflate, which servers and proxies understand in two ways.
      headers: {...commonHeaders, authorization: `Bearer ${token}`, 'accept-encoding': 'gzip, br'},
    };
    return this.#send(request, use, {signal});
  }

  /** For tokens: to ask for one, or to end the one given. */
  async postForm(path: string, form: URLSearchParams, token?: string): Promise<Reply> {
    const request: Request = {
      method: 'POST',
      path: this.#options.basePath + path,
      headers: {
        ...commonHeaders,
        'content-type': 'application/x-www-form-urlencoded',
        ...(token !== undefined && {authorization: `Bearer ${token}`}),
      },
      body: form.toString(),
    };
    return this.#send(request, reply => reply);
  }

  /** Sends any request. Only for what writes (src/directory/): `get` is for everything else. */
  async exchange(
    {
      method,
      path,
      headers,
      body,
    }: Pick<Request, 'method' | 'path'> & {
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    },
    options: SendOptions,
  ): Promise<Reply> {
    const request = {method, path: this.#options.basePath + path, headers: {...commonHeaders, ...headers}, body};
    return this.#send(request, reply => reply, options);
  }

  /** Calls under way fail, and so does every later one, at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#agent.destroy();
  }

  async #send<T>(
    request: Request,
    use: (reply: Reply) => T,
    {signal = this.#options.signal, onSent}: SendOptions = {},
  ): Promise<T> {
    if (this.#isClosed) throw new UsageError('This client was closed.', {hint: 'Open another one.'});
    const {large, pageTimeoutMs = 300_000} = this.#options;
    const startTimer = () => setTimeout(() => receiver.cancel(new PageTimeout(pageTimeoutMs)), pageTimeoutMs);
    let timer = startTimer();
    let isLarge = false;
    const growLarge = async () => {
      if (isLarge) return;
      // This wait is not the server's fault.
      clearTimeout(timer);
      await large.enter();
      isLarge = true;
      timer = startTimer();
    };
    const receiver = new Receiver({
      onStatus: status => {
        this.hasAnswered = true;
        return this.#limitOf(request, status);
      },
      growLarge,
      onSent,
    });
    const interrupt = () => receiver.cancel(signal.reason);
    signal.addEventListener('abort', interrupt);
    try {
      signal.throwIfAborted();
      return use(await this.#receive(request, receiver, growLarge));
    } finally {
      await receiver.growing;
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
      if (isLarge) large.leave();
    }
  }

  async #receive(request: Request, receiver: Receiver, growLarge: () => Promise<void>): Promise<Reply> {
    const {origin} = this.#options;
    this.#agent.dispatch({...request, origin}, receiver);
    try {
      const received = await receiver.body;
      const {status = 0, headers} = receiver;
      const encoding = String(headers['content-encoding'] ?? '');
      const decoded = await decodeBody(received, encoding, this.#limitOf(request, status), growLarge);
      return {status, headers, body: skipByteOrderMark(decoded)};
    } catch (error) {
      const {status, headers} = receiver;
      if (status === undefined) throw await this.#explainSilence(error);
      // The status of a refusal counts, whatever its body is. A missing token is reported by the code that reads it.
      if (isPage(request, status) || !(error instanceof InvalidBodyError)) throw error;
      return {status, headers, body: Buffer.alloc(0)};
    }
  }

  #limitOf(request: Request, status: number): number {
    return isPage(request, status) ? this.#maxPageBytes : mostAsideBytes;
  }

  /** Finds out why no reply came. */
  async #explainSilence(cause: unknown): Promise<unknown> {
    const {origin, proxy, connectTimeoutMs = defaultConnectTimeoutMs} = this.#options;
    const status = readProxyStatus(cause);
    const asked = new URL(proxy?.origin ?? origin);
    const isSilent = !this.hasAnswered && asked.protocol === 'http:' && isClosed(cause);
    if (isSilent && (await speaksTls(asked, connectTimeoutMs))) return new TlsWanted('it speaks TLS', {cause});
    return proxy === null || status === undefined ? cause : new ProxyRefusal(proxy, status, {cause});
  }
}

function isPage({method}: Request, status: number): boolean {
  return method === 'GET' && judge(status) === 'accept';
}

const byteOrderMark = Buffer.from('\ufeff');

/** Not a part of JSON (RFC 8259 §8.1), but some proxies and editors put it in front. */
function skipByteOrderMark(body: Buffer): Buffer {
  return body.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? body.subarray(byteOrderMark.length) : body;
}
