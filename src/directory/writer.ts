import {
  CredentialsError,
  IngestError,
  InterruptedError,
  RejectedError,
  ResponseError,
  UnavailableError,
  UncertainError,
} from '../errors.js';
import {parseExact} from '../json/raw-record.js';
import {InvalidBodyError} from '../json/scanner.js';
import {boundBy, type Docebo} from '../source/docebo.js';
import {EndlessQuiet} from '../source/http/budget.js';
import {findRemedy, readCode} from '../source/http/network-failure.js';
import {backoffMs, readRetryAfterMs} from '../source/http/policy.js';
import {readRefusal} from '../source/http/refusal.js';
import {describeRefusal, isPage, readDetails, refuseQuiet} from '../source/http/setback.js';
import {TokenSetback} from '../source/http/token.js';
import type {Reply} from '../source/http/transport.js';
import {untilAborted} from '../source/http/until-aborted.js';
import {readProof} from './proof.js';

/** A request that changes something, or a look-up of an API in which those are alike. */
export interface Write {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether its headers sign it. Any other goes with the bearer token. */
  readonly isSigned: boolean;
  /** false: it only asks, so that it may be sent again whatever became of it. */
  readonly changes: boolean;
  /** Whom it is about, if that is one who is there. */
  readonly userId?: string;
}

const maxAttempts = 6;
/** The request did not reach whoever acts on it, or was not waited for: nobody says whether it happened. 5xx are the others. */
const silent: ReadonlySet<number> = new Set([202, 206, 408, 444, 499]);
/** Not implemented, HTTP version: refused for what it is. */
const refused: ReadonlySet<number> = new Set([501, 505]);

type Verdict = 'answered' | 'wait' | 'credentials' | 'rejected' | 'uncertain';

/** What a reply says of a write, or of a look-up (`changes`: false). */
export function judgeWrite(status: number, changes: boolean): Verdict {
  if (status === 429) return 'wait';
  if (status === 401) return 'credentials';
  if (silent.has(status)) return 'uncertain';
  if (status >= 200 && status < 300) return 'answered';
  // A redirect may be the answer to a form that was taken (303), or come from something in front of Docebo.
  if (status >= 300 && status < 400) return changes ? 'uncertain' : 'rejected';
  return status >= 500 && !refused.has(status) ? 'uncertain' : 'rejected';
}

/**
 * Sends writes, under the budget and with the token of all other calls. A write is sent again only if it is known not to have happened: no connection was
 * made, the token was refused (401), or Docebo had no time for it (429). Otherwise it is sent once.
 */
export class Writer {
  readonly #docebo: Docebo;

  constructor(docebo: Docebo) {
    this.#docebo = docebo;
  }

  /**
   * Returns the JSON of a success that says that it was done; numbers that a double would change are texts in it. Throws UncertainError if it may have happened,
   * and RejectedError, CredentialsError, UnavailableError or InterruptedError if it has not.
   */
  async send(write: Write, signal?: AbortSignal): Promise<unknown> {
    const {signal: ends} = boundBy(this.#docebo, signal);
    const flight = {isUnderWay: false};
    return untilAborted(ends, this.#repeat(write, ends, flight), () => !flight.isUnderWay);
  }

  async #repeat(write: Write, signal: AbortSignal, flight: {isUnderWay: boolean}): Promise<unknown> {
    const {clock, onEvent} = this.#docebo;
    const request = `${write.method} ${write.path}`;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(write, signal, flight).catch((cause: unknown) =>
        this.#explain(cause, {request, attempt, signal, flight, changes: write.changes}),
      );
      if ('body' in outcome) {
        const verdict = judgeWrite(outcome.status, write.changes);
        const mayRepeat = verdict === 'wait' || (verdict === 'uncertain' && !write.changes);
        if (!mayRepeat) return settle(write, attempt, verdict, outcome);
      }
      if (attempt >= maxAttempts) throw giveUp(request, attempt, outcome);
      onEvent({
        type: 'retrying',
        request,
        attempt,
        reason: 'body' in outcome ? describeRefusal(outcome) : outcome.said,
      });
      if ('body' in outcome && outcome.status === 429) this.#hold(outcome, attempt);
      else await sleep(clock, backoffMs(attempt, clock.random), signal);
    }
  }

  async #attempt(write: Write, signal: AbortSignal, flight: {isUnderWay: boolean}): Promise<Reply> {
    const {budget, client} = this.#docebo;
    const {method, path, headers, body, isSigned} = write;
    const exchange = async (authorization: Readonly<Record<string, string>>) => {
      client.counts.requests++;
      const onSent = () => {
        flight.isUnderWay = true;
      };
      const request = {method, path, headers: {...headers, ...authorization}, body};
      const reply = await client.transport.exchange(request, {signal, onSent});
      flight.isUnderWay = false;
      return reply;
    };
    return budget.run(
      async () =>
        isSigned
          ? exchange({})
          : client.tokens.use(
              async token => exchange({authorization: `Bearer ${token.reveal()}`}),
              async () => budget.turn(signal),
            ),
      signal,
    );
  }

  /** What a failure without a reply means. Throws unless it is known that nothing was sent, and sending it again may help. */
  #explain(cause: unknown, {request, attempt, signal, flight, changes}: Failed): NotSent {
    if (flight.isUnderWay && changes) {
      flight.isUnderWay = false;
      const said = signal.aborted
        ? 'it was interrupted after it was sent'
        : `no answer came (${readCode(cause) ?? 'no code'})`;
      throw new UncertainError({request, attempts: attempt, said, cause});
    }
    flight.isUnderWay = false;
    if (signal.aborted) throw new InterruptedError('Interrupted: nothing was written.', {cause});
    if (cause instanceof IngestError) throw cause;
    if (cause instanceof EndlessQuiet) throw refuseQuiet(request, attempt, cause);
    if (cause instanceof InvalidBodyError || cause instanceof TokenSetback) return {said: cause.message, cause};
    const code = readCode(cause);
    if (code === undefined) throw cause;
    const {hint} = findRemedy(cause, {origin: this.#docebo.client.origin, proxy: null}) ?? {};
    return {said: changes ? `${code}: nothing was sent` : code, cause, hint};
  }

  #hold(reply: Reply, attempt: number): void {
    const {budget, clock, client} = this.#docebo;
    client.counts.rateLimited++;
    const nowMs = clock.now();
    budget.pushedBack(429, nowMs);
    const askedMs = readRetryAfterMs(reply.headers['retry-after'], (clock.wall ?? clock.now)()) ?? 0;
    budget.holdFor(askedMs > 0 ? askedMs : backoffMs(attempt, clock.random), 'Docebo answered 429');
  }
}

interface Failed {
  readonly request: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly flight: {isUnderWay: boolean};
  readonly changes: boolean;
}

/** A write of which nothing was sent. */
interface NotSent {
  readonly said: string;
  readonly cause: unknown;
  readonly hint?: string | undefined;
}

/** The JSON of a success. Throws for anything else. */
function settle(write: Write, attempts: number, verdict: Verdict, reply: Reply): unknown {
  const {status} = reply;
  const request = `${write.method} ${write.path}`;
  const facts = {request, status, attempts, said: describeRefusal(reply), isPage: isPage(reply), ...readDetails(reply)};
  switch (verdict) {
    case 'credentials':
      throw new CredentialsError(`Docebo does not accept the credentials for ${request} (401): ${facts.said}`, {
        hint: 'Check them, and that they may be used for this call.',
        ...facts,
      });
    case 'rejected':
      throw new RejectedError({...facts, hint: status === 403 ? 'Give the API user the right.' : undefined});
    case 'uncertain':
    case 'wait':
      throw new UncertainError(facts);
    case 'answered':
      return readSuccess(write, reply, facts);
  }
}

type Facts = ConstructorParameters<typeof RejectedError>[0];

function readSuccess(write: Write, {body}: Reply, facts: Facts): unknown {
  let answer: unknown;
  try {
    answer = parseExact(body).value;
  } catch {
    // What went wrong is no cause of the error: JSON.parse quotes the text, which may hold a secret.
    throw tellNothing(
      write,
      facts,
      facts.isPage === true ? 'a page of HTML came in reply' : 'what came in reply is no JSON',
    );
  }
  const proof = readProof(answer, write.userId);
  if (proof === 'done' || (proof === 'none' && !write.changes)) return answer;
  const {said, ...details} = readRefusal(answer);
  if (proof === 'none')
    throw tellNothing(write, {...facts, ...details}, said || 'the reply does not say whether it did');
  const reason = proof === 'left out' ? 'Docebo left the user as it was' : said || 'it failed, without a reason';
  throw new RejectedError({...facts, ...details, said: reason});
}

/** The error of a success that does not say what became of the request. */
function tellNothing({changes}: Write, facts: Facts, said: string): IngestError {
  return changes ? new UncertainError({...facts, said}) : new ResponseError(`${facts.request}: ${said}.`);
}

function giveUp(request: string, attempts: number, outcome: Reply | NotSent): UnavailableError {
  if ('body' in outcome)
    return new UnavailableError({
      request,
      attempts,
      status: outcome.status,
      said: describeRefusal(outcome),
      hint: 'Nothing was written: try again later.',
    });
  return new UnavailableError({request, attempts, ...outcome});
}

async function sleep(clock: Docebo['clock'], ms: number, signal: AbortSignal): Promise<void> {
  await clock.sleep(ms, signal).catch((cause: unknown) => {
    throw new InterruptedError('Interrupted: nothing was written.', {cause});
  });
}
