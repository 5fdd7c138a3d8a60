import {brotliDecompressSync, gunzipSync, inflateSync} from 'node:zlib';
import {Agent, type Dispatcher} from 'undici';
import {formatDuration} from '../format-duration.js';
import {InvalidBodyError} from '../json/scanner.js';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** How long and how large a reply may be before it is given up and asked for again. */
export interface TransportLimits {
  /** @default 67_108_864: a page of 200 records is about 200 KB. */
  readonly maxPageBytes?: number;
  /** @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** Until the first byte. @default 60_000 */
  readonly headersTimeoutMs?: number;
  /** Between two bytes. @default 30_000 */
  readonly bodyTimeoutMs?: number;
  /** For the whole exchange: what drips in byte by byte never idles. @default 300_000 */
  readonly pageTimeoutMs?: number;
}

export interface TransportOptions extends TransportLimits {
  readonly origin: string;
  /** Path below which the API lives; empty for the root. */
  readonly basePath: string;
  readonly signal: AbortSignal;
}

/** Named like the failures of the network, which are tried again. */
class PageTimeout extends Error {
  readonly code = 'PAGE_TIMEOUT';

  constructor(timeoutMs: number) {
    super(`the reply was not whole after ${formatDuration(timeoutMs / 1000)}`);
  }
}

/** More bytes than a page may have, zipped or not. */
export class OversizedBodyError extends InvalidBodyError {
  constructor(maxPageBytes: number) {
    super(`a reply larger than ${maxPageBytes} bytes`);
  }
}

/** Sends one request and gives its whole body, unzipped. Follows no redirect: a token never reaches another origin. */
export class Transport {
  readonly #agent: Agent;
  readonly #options: TransportOptions;
  readonly #maxPageBytes: number;
  /** Whether anything has ever come back: a host that never answered is a wrong address, not an outage. */
  hasAnswered = false;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#maxPageBytes = options.maxPageBytes ?? 64 * 1024 * 1024;
    this.#agent = new Agent({
      connect: {timeout: options.connectTimeoutMs ?? 10_000},
      headersTimeout: options.headersTimeoutMs ?? 60_000,
      bodyTimeout: options.bodyTimeoutMs ?? 30_000,
    });
  }

  async get(pathAndQuery: string, token: string): Promise<Reply> {
    return this.#send({
      method: 'GET',
      path: this.#options.basePath + pathAndQuery,
      headers: {authorization: `Bearer ${token}`, accept: 'application/json', 'accept-encoding': 'gzip, deflate, br'},
    });
  }

  async postForm(path: string, form: URLSearchParams): Promise<Reply> {
    return this.#send({
      method: 'POST',
      path: this.#options.basePath + path,
      headers: {'content-type': 'application/x-www-form-urlencoded', accept: 'application/json'},
      body: form.toString(),
    });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #send(request: Omit<Dispatcher.RequestOptions, 'origin' | 'signal'>): Promise<Reply> {
    const {signal, pageTimeoutMs = 300_000} = this.#options;
    const exchange = new AbortController();
    const interrupt = () => exchange.abort(signal.reason);
    const timer = setTimeout(() => exchange.abort(new PageTimeout(pageTimeoutMs)), pageTimeoutMs);
    signal.addEventListener('abort', interrupt);
    try {
      signal.throwIfAborted();
      return await this.#receive(request, exchange.signal);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
    }
  }

  async #receive(request: Omit<Dispatcher.RequestOptions, 'origin' | 'signal'>, signal: AbortSignal): Promise<Reply> {
    const {origin} = this.#options;
    const {statusCode, headers, body} = await this.#agent.request({...request, origin, signal});
    this.hasAnswered = true;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      const piece: Buffer = chunk;
      bytes += piece.length;
      if (bytes > this.#maxPageBytes) {
        body.destroy();
        throw new OversizedBodyError(this.#maxPageBytes);
      }
      chunks.push(piece);
    }
    return {
      status: statusCode,
      headers,
      body: this.#unzip(Buffer.concat(chunks), String(headers['content-encoding'] ?? '')),
    };
  }

  #unzip(body: Buffer, encoding: string): Buffer {
    const options = {maxOutputLength: this.#maxPageBytes};
    try {
      if (/gzip/i.test(encoding)) return gunzipSync(body, options);
      if (/deflate/i.test(encoding)) return inflateSync(body, options);
      if (/br/i.test(encoding)) return brotliDecompressSync(body, options);
      return body;
    } catch (cause) {
      if (cause instanceof RangeError && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE')
        throw new OversizedBodyError(this.#maxPageBytes);
      throw new InvalidBodyError(`a reply that is not the ${encoding} it says it is`, {cause});
    }
  }
}
