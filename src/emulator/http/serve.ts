import type {IncomingMessage, RequestListener, ServerResponse} from 'node:http';
import {setTimeout as wait} from 'node:timers/promises';
import {type Fault, type Faults, letsHappen} from '../faults.js';
import type {Settings} from '../options.js';
import {isSigned} from './legacy-signature.js';
import type {PageCache} from './page-cache.js';
import {createQuota} from './quota.js';
import {failure, json, legacyFailure, type Reply} from './reply.js';
import {send} from './send.js';
import {sendFault, statusSent} from './send-fault.js';
import {readTokenRequest} from './token-request.js';
import {createTokens} from './tokens.js';

export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** The status sent; 0 if none was. */
  readonly status: number;
}

/** What is asked, besides where. */
export interface Asked {
  readonly method: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answers a request that may be made. */
export type Answer = (url: URL, fault: Fault | undefined, asked: Asked) => Promise<Reply>;

interface ServeOptions {
  readonly answer: Answer;
  readonly settings: Settings;
  readonly pages: PageCache;
  readonly faults: () => Faults;
  readonly record: (seen: SeenRequest) => void;
  /** Lets a day pass in the tenant, if it is one that can change. Returns what happened, for whoever asked for it. */
  readonly passDay?: () => unknown;
}

export function serve({answer, settings, pages, faults, record, passDay}: ServeOptions): RequestListener {
  const {seed, credentials, tokenLifetimeSeconds: lifetimeSeconds, now, quotaPerHour, retryAfter} = settings;
  const tokens = createTokens({seed, credentials, lifetimeSeconds, now});
  const quota = createQuota(quotaPerHour, now);
  /** A sign-in URL carries its own proof, and the legacy API takes signatures as well as tokens (tables/API.md#legacy-api). */
  const isAllowed = ({headers}: IncomingMessage, path: string, text: string) =>
    path.startsWith('/lms/') ||
    tokens.accepts(headers.authorization) ||
    (isLegacy(path) && isSigned([headers['x-authorization']].flat()[0], text, settings.legacyCredentials));

  const reply = async (request: IncomingMessage, path: string, fault: Fault | undefined): Promise<Reply> => {
    if (/^\/oauth2\/token(\?|$)/.test(path)) {
      if (request.method !== 'POST') return failure(404);
      return tokens.grant(readTokenRequest(request.headers, await readText(request)));
    }
    if (path.startsWith('/emulator/')) {
      if (path !== '/emulator/day' || passDay === undefined)
        return failure(404, 'Only /emulator/day is served here, and not by a replay.');
      return request.method === 'POST' ? json(passDay()) : failure(405, 'A day passes by POST: curl -X POST');
    }
    if (!URL.canParse(path, 'http://emulator')) return failure(404);
    const text = request.method === 'GET' ? '' : await readText(request);
    if (!isAllowed(request, path, text)) return isLegacy(path) ? legacyFailure(401, 'Unauthorized') : failure(401);
    const waitSeconds = quota.take();
    if (waitSeconds !== undefined) return failure(429, undefined, sayWhen(retryAfter, waitSeconds, now()));
    if (request.method === 'POST' && path === '/manage/v1/user/logout') {
      tokens.end(request.headers.authorization);
      return json({data: {success: true}, version: '1.0.0', _links: []});
    }
    if (request.method !== 'GET') {
      // What the fault sends takes the place of this.
      if (fault !== undefined && !letsHappen(fault)) return failure(503);
      const {method = ''} = request;
      const body = readBody(request.headers['content-type'] ?? '', text);
      return answer(new URL(path, 'http://emulator'), fault, {method, body});
    }
    const repeatable =
      fault?.kind !== 'shift' &&
      fault?.kind !== 'repeated-page' &&
      !path.includes('cursor=') &&
      !path.includes('/export');
    const known = repeatable ? pages.get(path) : undefined;
    if (known !== undefined) return known;
    const made = await answer(new URL(path, 'http://emulator'), fault, {method: 'GET', body: {}});
    if (repeatable && made.status === 200) pages.keep(path, made);
    return made;
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '/';
    const method = request.method ?? 'GET';
    const fault = faults().strike(path);
    const delayMs = settings.latencyMs + (fault?.kind === 'slow' ? fault.delayMs : 0);
    if (delayMs > 0) await wait(delayMs, undefined, {ref: false});
    const usual = await reply(request, path, fault);
    const status = statusSent(fault, usual);
    record({method, path, status});
    await (fault === undefined ? send(request, response, usual) : sendFault(request, response, fault, usual));
    if (method === 'GET') settings.onAnswered(path, status);
  };

  return (request, response) => {
    if (!settings.gzip) delete request.headers['accept-encoding'];
    respond(request, response).catch(async (error: unknown) => {
      if (!response.headersSent) await send(request, response, failure(500, String(error)));
    });
  };
}

function isLegacy(path: string): boolean {
  return path.startsWith('/api/');
}

/** JSON, or a form. */
function readBody(contentType: string, text: string): Readonly<Record<string, unknown>> {
  if (!contentType.includes('json')) return Object.fromEntries(new URLSearchParams(text));
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? {...parsed} : {};
  } catch {
    return {};
  }
}

function sayWhen(form: Settings['retryAfter'], seconds: number, nowMs: number): Readonly<Record<string, string>> {
  switch (form) {
    case 'seconds':
      return {'retry-after': String(seconds)};
    case 'date':
      return {'retry-after': new Date(Math.ceil(nowMs / 1000 + seconds) * 1000).toUTCString()};
    case 'none':
      return {};
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
