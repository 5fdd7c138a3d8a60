import {CredentialsError, IngestError, InterruptedError, RejectedError, UnavailableError} from '../../errors.js';
import {InvalidBodyError} from '../../json/scanner.js';
import type {OnEvent} from '../../report.js';
import {redact, type Secret} from '../../secret.js';
import type {Settings} from '../settings.js';
import {type Budget, type Clock, EndlessQuiet, longestQuietMs} from './budget.js';
import type {LargeReplies} from './large-replies.js';
import {findRemedy, readCode} from './network-failure.js';
import {backoffMs, judge, readRetryAfterMs} from './policy.js';
import type {HttpProxy} from './proxy.js';
import {describeRefusal, giveUp, isPage, readDetails, refuseQuiet, type Setback} from './setback.js';
import {TokenKeeper, TokenSetback} from './token.js';
import {type Reply, Transport, type TransportLimits} from './transport.js';
import {untilAborted} from './until-aborted.js';

export interface ClientOptions extends TransportLimits {
  readonly budget: Budget;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  readonly large: LargeReplies;
  /** Tries per request, the first included; those that end in 429 are not counted. @default 6 */
  readonly maxAttempts?: number;
  /** Is shown each reply to a request for data as it came, whatever its status. */
  readonly onReply?: (pathAndQuery: string, reply: Reply) => void;
}

interface Counts {
  /** Calls for data, retries included. */
  requests: number;
  /** Calls that were made again. */
  retries: number;
  rateLimited: number;
}

interface Repeated<T> {
  readonly request: string;
  readonly attempt: (signal: AbortSignal, onCall: () => void) => Promise<{value: T} | Setback>;
  readonly onCall: () => void;
  readonly signal: AbortSignal;
}

interface DataCall<T> {
  readonly pathAndQuery: string;
  readonly read: (body: Buffer, status: number) => T;
  readonly onCall: () => void;
  readonly signal: AbortSignal;
}

const defaultMaxAttempts = 6;
/** An hour's quota is free again after an hour: refusals that last longer have another reason. */
const rateLimitPatienceMs = 70 * 60_000;

/** The one loop that repeats a request. */
export class Client {
  readonly counts: Counts = {requests: 0, retries: 0, rateLimited: 0};
  readonly origin: string;
  readonly transport: Transport;
  readonly tokens: TokenKeeper;
  readonly #budget: Budget;
  readonly #options: ClientOptions;
  readonly #proxy: HttpProxy | null;
  #acceptedAtMs: number;
  #patientFromMs = 0;
  #rateLimitedInARow = 0;

  constructor(settings: Settings, options: ClientOptions) {
    const {baseUrl, proxy = null} = settings;
    this.#proxy = proxy;
    this.origin = baseUrl.origin;
    this.#options = options;
    this.transport = new Transport({
      ...options,
      origin: baseUrl.origin,
      basePath: baseUrl.pathname.replace(/\/$/, ''),
      proxy,
    });
    this.tokens = new TokenKeeper(settings, this.transport, options.clock);
    this.#budget = options.budget;
    this.#acceptedAtMs = options.clock.now();
  }

  /** By how many milliseconds this machine's clock was ahead of the server's at most: it may have been set right since. */
  leadMs = Number.NEGATIVE_INFINITY;

  get tokenRequests(): number {
    return this.tokens.requests;
  }

  /**
   * GETs a path and reads its body with `read`; a body that `read` refuses with an InvalidBodyError is asked for again.
   * `onCall` is called before each attempt; `signal` ends the call as well as the client's own. Throws CredentialsError, UnavailableError,
   * RejectedError, ResponseError or InterruptedError.
   */
  async get<T>(
    pathAndQuery: string,
    read: (body: Buffer, status: number) => T,
    onCall: () => void = () => {},
    signal?: AbortSignal,
  ): Promise<T> {
    const request = `GET ${pathAndQuery}`;
    const attempt = async (ends: AbortSignal, count: () => void) =>
      this.#attempt({pathAndQuery, read, onCall: count, signal: ends});
    if (signal === undefined) return this.#repeat({request, attempt, onCall, signal: this.#options.signal});
    const both = AbortSignal.any([this.#options.signal, signal]);
    // The call may wait behind others, which this signal does not end.
    return untilAborted(both, this.#repeat({request, attempt, onCall, signal: both}));
  }

  /** The bearer token in use, asked for as often as data is. Throws as `get` does. */
  async token(): Promise<Secret> {
    const request = 'POST /oauth2/token';
    const {signal} = this.#options;
    const attempt = async () =>
      this.tokens.current().then(
        value => ({value}),
        (cause: unknown) => this.#explain(cause, request, signal),
      );
    return this.#repeat({request, attempt, onCall: () => {}, signal});
  }

  async #repeat<T>({request, attempt: tryOnce, onCall, signal}: Repeated<T>): Promise<T> {
    const maxAttempts = this.#options.maxAttempts ?? defaultMaxAttempts;
    let failures = 0;
    let isSent = false;
    for (let attempt = 1; ; attempt++) {
      // If no token is given, there is another attempt although no call was made.
      let isRetry = isSent;
      const countRetry = () => {
        if (isRetry) this.counts.retries++;
        [isSent, isRetry] = [true, false];
        onCall();
      };
      const outcome = await tryOnce(signal, countRetry);
      if ('value' in outcome) return outcome.value;
      const {status, said} = outcome;
      if (status === 401) throw refuseFresh(request, said, this.tokens.haveServed);
      if (status !== 429) failures++;
      if (failures >= maxAttempts || this.#isRefusedForLong()) throw giveUp(request, attempt, outcome);
      this.#budget.expectAgain();
      this.#options.onEvent({type: 'retrying', request, attempt, reason: redact(said)});
      // The budget's pause is enough.
      if (!outcome.held) await this.#pause(backoffMs(failures, this.#options.clock.random), signal);
    }
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  async #attempt<T>({pathAndQuery, read, onCall, signal}: DataCall<T>): Promise<{value: T} | Setback> {
    const call = async (token: Secret) => {
      this.counts.requests++;
      onCall();
      const sentAtMs = this.#options.clock.now();
      const use = (reply: Reply) => {
        this.#options.onReply?.(pathAndQuery, reply);
        this.#compareClocks(reply);
        const verdict = judge(reply.status);
        if (verdict === 'accept') {
          this.#accept(sentAtMs);
          return {value: read(reply.body, reply.status)};
        }
        const said = describeRefusal(reply);
        if (verdict === 'reject')
          throw new RejectedError({
            request: `GET ${pathAndQuery}`,
            status: reply.status,
            attempts: 1,
            said,
            isPage: isPage(reply),
            ...readDetails(reply),
          });
        return {status: reply.status, said, held: this.#heed(reply, sentAtMs)};
      };
      return this.transport.get(pathAndQuery, token.reveal(), use, signal);
    };
    try {
      return await this.#budget.run(async () => this.tokens.use(call, async () => this.#budget.turn(signal)), signal);
    } catch (cause) {
      return this.#explain(cause, `GET ${pathAndQuery}`, signal);
    }
  }

  #compareClocks({headers}: Pick<Reply, 'headers'>): void {
    const {clock} = this.#options;
    const theirsMs = Date.parse(String(headers['date'] ?? ''));
    if (!Number.isNaN(theirsMs)) this.leadMs = Math.max(this.leadMs, (clock.wall ?? clock.now)() - theirsMs);
  }

  #accept(sentAtMs: number): void {
    this.#acceptedAtMs = this.#options.clock.now();
    this.#rateLimitedInARow = 0;
    this.#budget.succeeded(this.#acceptedAtMs - sentAtMs);
  }

  /**
   * Does what a 429 or 503 asks for. Returns whether that holds everything back. A 429 without a Retry-After, or with one that is 0 or past because
   * clocks differ, holds everything back for as long as backoff says, because it concerns all calls alike.
   */
  #heed({status, headers}: Reply, sentAtMs: number): boolean {
    if (status !== 429 && status !== 503) return false;
    const {clock} = this.#options;
    this.#budget.pushedBack(status, sentAtMs);
    const askedMs = readRetryAfterMs(headers['retry-after'], (clock.wall ?? clock.now)()) ?? 0;
    let waitMs = askedMs;
    if (status === 429) {
      this.counts.rateLimited++;
      this.#rateLimitedInARow++;
      if (waitMs === 0) waitMs = backoffMs(this.#rateLimitedInARow, clock.random);
    }
    if (waitMs === 0) return false;
    // A wait that Docebo asked for does not use up any patience.
    if (waitMs >= rateLimitPatienceMs) this.#patientFromMs = Math.max(this.#patientFromMs, clock.now() + waitMs);
    const retryAfter = askedMs > 0 ? 'with' : 'without';
    this.#budget.holdFor(waitMs, `Docebo answered ${status} ${retryAfter} Retry-After`);
    return true;
  }

  #isRefusedForLong(): boolean {
    const nowMs = this.#options.clock.now();
    const fromMs = Math.max(this.#acceptedAtMs, this.#patientFromMs);
    const isForLong = nowMs - fromMs >= rateLimitPatienceMs || nowMs - this.#acceptedAtMs >= longestQuietMs;
    return this.#rateLimitedInARow > 0 && isForLong;
  }

  #explain(cause: unknown, request: string, signal: AbortSignal): Setback {
    if (signal.aborted) throw new InterruptedError('Interrupted.', {cause});
    if (cause instanceof IngestError) throw cause;
    if (cause instanceof InvalidBodyError) return {said: cause.message, cause};
    if (cause instanceof TokenSetback) {
      const {reply} = cause;
      const said = `${cause.message}: ${describeRefusal(reply)}`;
      return {status: reply.status, said, held: this.#heed(reply, this.#options.clock.now())};
    }
    if (cause instanceof EndlessQuiet) throw refuseQuiet(request, 1, cause);
    const code = readCode(cause);
    if (code === undefined) throw cause;
    const said = `${code} (${cause instanceof Error ? cause.message : 'network error'})`;
    const {hint, isLasting = false} = findRemedy(cause, {origin: this.origin, proxy: this.#proxy}) ?? {};
    if (isLasting && !this.transport.hasAnswered)
      throw new UnavailableError({request, attempts: 1, said, cause, hint, isLasting});
    return {said, cause, hint};
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.clock.sleep(ms, signal);
    } catch (cause) {
      throw new InterruptedError('Interrupted.', {cause});
    }
  }
}

function refuseFresh(request: string, said: string, haveServed: boolean): CredentialsError {
  return new CredentialsError(`Docebo refuses a fresh token (401) for ${request}: ${said}`, {
    status: 401,
    hint: haveServed
      ? 'Other requests are served: give the API user the right, or leave the table out.'
      : 'Check that the OAuth app may use the API.',
  });
}
