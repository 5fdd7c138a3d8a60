import {
  CredentialsError,
  IngestError,
  InterruptedError,
  RejectedError,
  ResponseError,
  UnavailableError,
} from '../errors.js';
import type {OnEvent} from '../report.js';
import {Budget, type Clock} from './budget.js';
import {InvalidBodyError} from './json-scanner.js';
import {backoffMs, judge, readRetryAfterMs} from './policy.js';
import type {Settings} from './settings.js';
import {TokenKeeper, TokenSetback} from './token.js';
import {type Reply, Transport} from './transport.js';

export interface ClientOptions {
  readonly parallelism: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  /** Tries per request, the first included. @default 6 */
  readonly maxAttempts?: number;
}

interface Counts {
  /** Calls for data, retries included. */
  requests: number;
  retries: number;
  rateLimited: number;
}

/** What one attempt came to, if it did not succeed: tried again after `waitMs`, or thrown as it is. */
interface Setback {
  readonly said: string;
  readonly status?: number;
  readonly cause?: unknown;
  /** Waited by this request alone, if it is longer than backoff. */
  readonly waitMs?: number;
}

const defaultMaxAttempts = 6;

/** The one loop that repeats a request. */
export class Client {
  readonly counts: Counts = {requests: 0, retries: 0, rateLimited: 0};
  readonly origin: string;
  readonly #transport: Transport;
  readonly #tokens: TokenKeeper;
  readonly #budget: Budget;
  readonly #options: ClientOptions;

  constructor(settings: Settings, options: ClientOptions) {
    const {baseUrl} = settings;
    this.origin = baseUrl.origin;
    this.#options = options;
    this.#transport = new Transport({
      origin: baseUrl.origin,
      basePath: baseUrl.pathname.replace(/\/$/, ''),
      signal: options.signal,
    });
    this.#tokens = new TokenKeeper(settings, this.#transport, options.clock);
    this.#budget = new Budget(options.parallelism, options.clock, options.signal, options.onEvent);
  }

  get tokenRequests(): number {
    return this.#tokens.requests;
  }

  /**
   * GETs a path and reads its body with `read`; a body that `read` refuses by InvalidBodyError is asked for again.
   * `onCall` is called before each attempt. Throws CredentialsError, UnavailableError, RejectedError, ResponseError or InterruptedError.
   */
  async get<T>(pathAndQuery: string, read: (body: Buffer) => T, onCall: () => void = () => {}): Promise<T> {
    const request = `GET ${pathAndQuery}`;
    const maxAttempts = this.#options.maxAttempts ?? defaultMaxAttempts;
    let renewals = 0;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(pathAndQuery, read, onCall);
      if ('value' in outcome) return outcome.value;
      const {status, said} = outcome;
      if (status === 401) {
        // Once: a second 401 with a fresh token is the credentials' fault (api-facts §1.5).
        if (renewals++ > 0) throw new CredentialsError(`Docebo refuses a fresh token (401) for ${request}: ${said}`);
        attempt--;
        continue;
      }
      if (attempt >= maxAttempts) throw giveUp(request, attempt, outcome);
      this.counts.retries++;
      this.#options.onEvent({type: 'retrying', request, attempt, reason: said});
      // A Retry-After of nothing, or a date gone by because clocks differ, would use up all tries at once.
      await this.#pause(Math.max(outcome.waitMs ?? 0, backoffMs(attempt, this.#options.clock.random)));
    }
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #attempt<T>(
    pathAndQuery: string,
    read: (body: Buffer) => T,
    onCall: () => void,
  ): Promise<{value: T} | Setback> {
    try {
      return await this.#budget.run(async () => {
        const token = await this.#tokens.fetchToken();
        this.counts.requests++;
        onCall();
        const reply = await this.#transport.get(pathAndQuery, token.reveal());
        const verdict = judge(reply.status);
        if (verdict === 'accept') return {value: read(reply.body)};
        const said = describeRefusal(reply);
        if (verdict === 'reject')
          throw new RejectedError({request: `GET ${pathAndQuery}`, status: reply.status, attempts: 1, said});
        if (verdict === 'renew-token') this.#tokens.discard(token);
        return {status: reply.status, said, ...this.#obeyRetryAfter(reply)};
      });
    } catch (cause) {
      return this.#explain(cause, pathAndQuery);
    }
  }

  #obeyRetryAfter({status, headers}: Reply): {waitMs?: number} {
    if (status === 429) this.counts.rateLimited++;
    if (status !== 429 && status !== 503) return {};
    const waitMs = readRetryAfterMs(headers['retry-after']?.toString(), this.#options.clock.now());
    if (waitMs === undefined) return {};
    this.#budget.holdFor(waitMs, `Docebo answered ${status} and asks for quiet`);
    return {waitMs};
  }

  #explain(cause: unknown, pathAndQuery: string): Setback {
    if (this.#options.signal.aborted) throw new InterruptedError('Interrupted.', {cause});
    if (cause instanceof IngestError) throw cause;
    if (cause instanceof InvalidBodyError) return {said: cause.message, cause};
    if (cause instanceof TokenSetback) {
      const {reply} = cause;
      return {
        status: reply.status,
        said: `${cause.message}: ${describeRefusal(reply)}`,
        ...this.#obeyRetryAfter(reply),
      };
    }
    const code = readCode(cause);
    if (code === undefined) throw cause;
    const said = `${code} (${cause instanceof Error ? cause.message : 'network error'})`;
    if (!this.#transport.hasAnswered && (code === 'ENOTFOUND' || code === 'ECONNREFUSED')) {
      throw new UnavailableError({
        request: `GET ${pathAndQuery}`,
        attempts: 1,
        said,
        cause,
        hint: `${this.origin} cannot be reached: check base_url and the network.`,
      });
    }
    return {said, cause};
  }

  async #pause(ms: number): Promise<void> {
    try {
      await this.#options.clock.sleep(ms, this.#options.signal);
    } catch (cause) {
      throw new InterruptedError('Interrupted.', {cause});
    }
  }
}

function giveUp(request: string, attempts: number, {said, status, cause}: Setback): IngestError {
  if (cause instanceof InvalidBodyError) {
    return new ResponseError(`${request} gave ${said}, ${attempts} times in a row.`, {
      cause,
      hint: 'A maintenance page or a proxy answers like this; try again later.',
    });
  }
  return new UnavailableError({
    request,
    attempts,
    status,
    said,
    cause,
    hint: 'Docebo or the network is in trouble: try again later.',
  });
}

function readCode(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null) return undefined;
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return 'cause' in cause ? readCode(cause.cause) : undefined;
}

/** Docebo's own words: `message` is a list of texts (api-facts §6); anything else in short. */
function describeRefusal({status, headers, body}: Reply): string {
  const text = body.toString('utf8', 0, 2000);
  try {
    const reply: {name?: unknown; message?: unknown} = JSON.parse(text);
    const message = Array.isArray(reply.message) ? reply.message.join(' ') : reply.message;
    const said = [reply.name, message].filter(part => typeof part === 'string' && part !== '').join(': ');
    if (said !== '') return said;
  } catch {
    // Not JSON, or longer than what was read of it: the content type says enough.
  }
  if (status >= 300 && status < 400) return `a redirect to ${readOrigin(headers['location'])}, which is not followed`;
  return `${status} with ${headers['content-type'] ?? 'no content type'}`;
}

function readOrigin(location: string | string[] | undefined): string {
  const target = String(location ?? '');
  return URL.canParse(target) ? new URL(target).origin : 'elsewhere';
}
