import {type IngestError, type RefusalDetails, ResponseError, UnavailableError} from '../../errors.js';
import {InvalidBodyError} from '../../json/scanner.js';
import type {EndlessQuiet} from './budget.js';
import {OversizedBodyError} from './decode-body.js';
import {parseRefusal} from './refusal.js';
import type {Reply} from './transport.js';

/** The outcome of an attempt that did not succeed and may be repeated. */
export interface Setback {
  readonly said: string;
  readonly status?: number;
  readonly cause?: unknown;
  /** What to do about it, if waiting is not enough. */
  readonly hint?: string | undefined;
  /** Whether the budget holds all calls back because of it. */
  readonly held?: boolean;
}

/** The error of a request that has been tried often enough. */
export function giveUp(request: string, attempts: number, {said, status, cause, hint}: Setback): IngestError {
  if (cause instanceof InvalidBodyError) {
    const times = attempts === 1 ? '' : `, ${attempts} times in a row`;
    return new ResponseError(`${request} gave ${said}${times}.`, {
      cause,
      hint:
        cause instanceof OversizedBodyError
          ? 'Ask for fewer records at a time (--page-size), or allow larger replies (--max-page-bytes).'
          : 'A maintenance page or a proxy answers like this; try again later.',
    });
  }
  return new UnavailableError({
    request,
    attempts,
    status,
    // Docebo often says no more than "An error occurred".
    said: status === undefined || said.includes(String(status)) ? said : `${status}, ${said}`,
    cause,
    hint: hint ?? 'Docebo or the network is in trouble: try again later.',
  });
}

/** The error of a request that is not made because Docebo asks for a longer pause than anybody waits. */
export function refuseQuiet(request: string, attempts: number, cause: EndlessQuiet): UnavailableError {
  return new UnavailableError({request, attempts, said: cause.message, cause, hint: 'Run it again after that.'});
}

/** Docebo answers in JSON: a page of HTML comes from a firewall or a proxy on the way, or from another server. */
export function isPage({headers}: Reply): boolean {
  return String(headers['content-type'] ?? '').startsWith('text/html');
}

/** Docebo's own words or, if there are none, what came instead. */
export function describeRefusal(reply: Reply): string {
  const {status, headers, body} = reply;
  const {said} = parseRefusal(body);
  if (said !== '') return said;
  if (status >= 300 && status < 400) return `a redirect to ${readOrigin(headers['location'])}, which is not followed`;
  const type = String(headers['content-type'] ?? 'no content type');
  return `${status} with ${isPage(reply) ? 'a page of HTML' : type}`;
}

/** What Docebo names in a refusal, for programs. */
export function readDetails({body}: Pick<Reply, 'body'>): RefusalDetails {
  const {said: _, ...details} = parseRefusal(body);
  return details;
}

function readOrigin(location: string | string[] | undefined): string {
  const target = String(location ?? '');
  return URL.canParse(target) ? new URL(target).origin : 'elsewhere';
}
