import type {Flags} from './command-line.js';
import {redact} from './secret.js';

/** Every error that is thrown on purpose, in the order of a run. A class takes facts and writes the sentence. */

export const exitCodes = {
  ok: 0,
  usage: 2,
  credentials: 3,
  unavailable: 4,
  rejected: 5,
  destination: 6,
  incomplete: 7,
  bug: 70,
  interrupted: 130,
} as const;

interface ErrorOptions {
  /** What to try next, in its own sentence. */
  hint?: string | undefined;
  /** Flags with which the same records would be published. */
  allowedBy?: Flags | undefined;
  cause?: unknown;
}

export abstract class IngestError extends Error {
  /** Stable: match on this, not on the message. */
  abstract readonly code: string;
  abstract readonly exitCode: number;
  readonly hint: string | undefined;
  readonly allowedBy: Flags | undefined;
  /** The run whose records are kept, so that it can be resumed or loaded. Set by the run that the error ended. */
  loadId: string | undefined;

  constructor(message: string, {hint, allowedBy, cause}: ErrorOptions = {}) {
    // Redacted here and not only when printed: shortening or storing the text could cut a secret in two.
    super(redact(message), cause === undefined ? undefined : {cause});
    this.hint = hint && redact(hint);
    this.allowedBy = allowedBy;
  }
}

/** A bad flag, a bad URI, an unknown table. Thrown before any request. */
export class UsageError extends IngestError {
  override readonly name = 'UsageError';
  readonly code = 'E_USAGE';
  readonly exitCode = exitCodes.usage;
}

/** What Docebo names in a refusal (tables/API.md#errors). Each is left out if it does not. */
export interface RefusalDetails {
  /** Its `error`, or else its `name`: `invalid_grant`, `Bad Request`, or the number of the legacy API. */
  readonly error?: string | undefined;
  /** Its `error_description`, or else its `message`. */
  readonly errorDescription?: string | undefined;
  /** The field at fault, as Docebo calls it. */
  readonly field?: string | undefined;
}

/** Docebo refused the credentials. */
export class CredentialsError extends IngestError implements Omit<RefusalDetails, 'field'> {
  override readonly name = 'CredentialsError';
  readonly code = 'E_CREDENTIALS';
  readonly exitCode = exitCodes.credentials;
  readonly status: number | undefined;
  readonly error: string | undefined;
  readonly errorDescription: string | undefined;

  constructor(
    message: string,
    {status, error, errorDescription, ...options}: ErrorOptions & RefusalDetails & {status?: number} = {},
  ) {
    super(message, options);
    [this.status, this.error, this.errorDescription] = [status, error, errorDescription];
  }
}

interface RequestFacts extends ErrorOptions, RefusalDetails {
  /** Path and redacted query of the request; never a secret. */
  request: string;
  status?: number | undefined;
  attempts: number;
  /** What came in reply, in a few words. */
  said: string;
  /** Whether the reply was a page of HTML, which Docebo does not send. */
  isPage?: boolean;
  /** @default whether it was refused for want of a right */
  isLasting?: boolean;
}

export abstract class RequestError extends IngestError implements RefusalDetails {
  readonly request: string;
  readonly status: number | undefined;
  readonly attempts: number;
  readonly said: string;
  readonly error: string | undefined;
  readonly errorDescription: string | undefined;
  readonly field: string | undefined;
  /** Whether asking again is useless until somebody acts: gives a right, or repairs the connection to Docebo. */
  readonly isLasting: boolean;

  constructor(
    sentence: string,
    {request, status, attempts, said, isLasting, error, errorDescription, field, ...options}: RequestFacts,
  ) {
    super(sentence, options);
    [this.error, this.errorDescription, this.field] = [error, errorDescription, field];
    this.request = redact(request);
    this.status = status;
    this.attempts = attempts;
    this.said = redact(said);
    this.isLasting = isLasting ?? status === 403;
  }
}

/** Network, timeout, 429 or 5xx, after the policy gave up. Trying again later may help. */
export class UnavailableError extends RequestError {
  override readonly name = 'UnavailableError';
  readonly code = 'E_UNAVAILABLE';
  readonly exitCode = exitCodes.unavailable;

  constructor(facts: RequestFacts) {
    const tries = facts.attempts === 1 ? 'at the first attempt' : `after ${facts.attempts} attempts`;
    super(`${facts.request} did not succeed ${tries}: ${facts.said}`, facts);
  }
}

/** No call may be made for a while, and the caller does not wait. */
export class BusyError extends IngestError {
  override readonly name = 'BusyError';
  readonly code = 'E_BUSY';
  readonly exitCode = exitCodes.unavailable;
}

/** A 4xx that the policy does not expect: the declaration or the API changed, or the credential lacks a right. */
export class RejectedError extends RequestError {
  override readonly name = 'RejectedError';
  readonly code = 'E_REJECTED';
  readonly exitCode = exitCodes.rejected;
  readonly lacksRight: boolean;
  /** Whether it came as a page of HTML, from something in front of Docebo. */
  readonly isPage: boolean;

  constructor(facts: RequestFacts) {
    const {request, status, said, isPage = false} = facts;
    const hint = facts.hint ?? (status !== 403 ? undefined : isPage ? pageHint : rightHint);
    super(`Docebo answered ${request} with ${status ?? 'an error'}: ${said}`, {...facts, hint});
    this.lacksRight = status === 403 && !isPage;
    this.isPage = isPage;
  }
}

/** Asking again changes nothing: an administrator has to give the right. */
const rightHint =
  'Leave the table out, or give the API user the right; docebo-ingest check, given the same source, says what it can read.';

const pageHint =
  'Such a page comes from a firewall or a proxy: have it let through requests whose User-Agent is docebo-ingest.';

/**
 * A write was sent, and whether it happened is not known: no answer came, or one that says neither. It is not sent again by itself, because it might then
 * happen twice.
 */
export class UncertainError extends RequestError {
  override readonly name = 'UncertainError';
  readonly code = 'E_UNCERTAIN';
  readonly exitCode = exitCodes.unavailable;

  constructor(facts: RequestFacts) {
    const hint = facts.hint ?? 'Look whether it did before you send it again.';
    super(`${facts.request} may have happened: ${facts.said}`, {...facts, hint});
  }
}

/** Several rows fit where one was asked for. */
export class AmbiguousError extends IngestError {
  override readonly name = 'AmbiguousError';
  readonly code = 'E_AMBIGUOUS';
  readonly exitCode = exitCodes.rejected;
}

/** The reply does not have the envelope or value that was declared. */
export class ResponseError extends IngestError {
  override readonly name = 'ResponseError';
  readonly code = 'E_RESPONSE';
  readonly exitCode = exitCodes.rejected;
}

/** The token request was answered by something other than Docebo, so no request can succeed. */
export class SignInError extends ResponseError {}

/** The schema contract does not allow the undeclared keys that came. The rows are all there. */
export class ContractError extends ResponseError {}

/** A table could not be proved complete, so the old one was kept. */
export class IncompleteError extends IngestError {
  override readonly name = 'IncompleteError';
  readonly code = 'E_INCOMPLETE';
  readonly exitCode = exitCodes.incomplete;
  /** Requests whose records are missing or uncertain. */
  readonly missing: readonly string[];

  constructor(message: string, {missing = [], ...options}: ErrorOptions & {missing?: readonly string[]} = {}) {
    super(message, options);
    this.missing = missing;
  }
}

/** Rows moved while the table was read, so a key came twice. Reading it again may help. */
export class DriftError extends IncompleteError {}

/** A table was read by another route than the earlier one, which may give fewer columns. */
export class RouteChangeError extends IncompleteError {
  /** The route that the earlier table was read by. */
  readonly noted: string;

  constructor(
    message: string,
    {noted, ...options}: ConstructorParameters<typeof IncompleteError>[1] & {noted: string},
  ) {
    super(message, options);
    this.noted = noted;
  }
}

/** So many lists of a table were refused that it cannot be chance. */
export class RefusedListsError extends IncompleteError {
  /** Whether all of them were refused. */
  readonly isWhole: boolean;

  constructor(message: string, {isWhole, ...options}: ErrorOptions & {isWhole: boolean}) {
    super(message, options);
    this.isWhole = isWhole;
  }
}

/** The destination cannot be written: locked, full, not a DuckDB file, no permission. */
export class DestinationError extends IngestError {
  override readonly name = 'DestinationError';
  readonly code = 'E_DESTINATION';
  readonly exitCode = exitCodes.destination;
}

/** SIGINT or SIGTERM. */
export class InterruptedError extends IngestError {
  override readonly name = 'InterruptedError';
  readonly code = 'E_INTERRUPTED';
  readonly exitCode = exitCodes.interrupted;
}

/** The error at the root. A child is incomplete because its parent failed, and the parent's error says what to do. */
export function findRoot(error: unknown): unknown {
  return error instanceof IncompleteError && error.cause instanceof IngestError ? findRoot(error.cause) : error;
}

/** Whether one request failed at Docebo or in the network. The next one may succeed. */
export function isSetback(error: unknown): boolean {
  return error instanceof UnavailableError || error instanceof ResponseError;
}

/** The message of an error, without secrets. Invalid JSON is not quoted: half a secret would not be recognised. */
export function messageOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'what was read is not valid JSON';
  return redact(error instanceof Error ? error.message : String(error));
}
