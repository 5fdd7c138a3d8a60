import {createFaults} from './faults.js';
import {listen} from './http/listen.js';
import {noPageCache} from './http/page-cache.js';
import {failure, json, maintenancePage, type Reply} from './http/reply.js';
import {type Answer, type SeenRequest, serve} from './http/serve.js';
import type {Credentials} from './http/tokens.js';
import {settle} from './options.js';

/** Answers that were recorded. */
export interface Recording {
  readonly replies: readonly RecordedReply[];
  readonly others: readonly OtherReply[];
}

interface RecordedReply {
  /** Path and query. */
  readonly request: string;
  readonly status: number;
  /** JSON; null if the reply was a page of HTML or the like. */
  readonly body: string | null;
}

/** What answers requests of a route that were not recorded. */
interface OtherReply {
  /** Path and query with `{placeholders}`. */
  readonly route: string;
  readonly status: number;
  readonly body: string;
  /** Dotted path in the body → the placeholder whose value is written there. */
  readonly fill: Readonly<Record<string, string>>;
}

export interface Replay {
  readonly url: string;
  readonly credentials: Credentials;
  /** All requests so far, in the order in which they were answered. */
  readonly requests: readonly SeenRequest[];
  close(): Promise<void>;
}

/** Starts a Docebo on loopback that gives recorded answers, and tokens as the emulator does. What it does not know is answered with 404. */
export async function startReplay(recording: Recording, {port = 0}: {readonly port?: number} = {}): Promise<Replay> {
  const settings = settle({port});
  const requests: SeenRequest[] = [];
  const faults = createFaults([]);
  const record = (seen: SeenRequest) => requests.push(seen);
  const listener = serve({answer: answerFrom(recording), settings, pages: noPageCache, faults: () => faults, record});
  const server = await listen(listener, port);
  return {url: server.url, credentials: settings.credentials, requests, close: server.close};
}

function answerFrom({replies, others}: Recording): Answer {
  const known = new Map(replies.map(reply => [nameRequest(new URL(reply.request, base)), reply]));
  const routes = others.map(other => ({other, template: new URL(other.route, base)}));
  return async (url, _, {method}) => {
    if (method !== 'GET') return failure(404);
    const path = decodePath(url);
    if (path === null) return failure(404);
    const reply = known.get(nameRequest(url));
    if (reply !== undefined && isFirstPage(url)) return send(reply);
    const [found] = routes
      .flatMap(({other, template}) => {
        const bound = match(template, url, path);
        return bound === null ? [] : [{other, bound, parameters: template.searchParams.size}];
      })
      // Two routes of one path differ in what they ask for.
      .sort((one, another) => another.parameters - one.parameters);
    if (found !== undefined) return sendText(fill(found.other, found.bound), found.other.status);
    return reply === undefined ? failure(404) : send(reply);
  };
}

const base = 'http://emulator';

/** Only one page was recorded, so what asks for a page says nothing of which list it is. */
const paging = ['page', 'page_size', 'get_total_count', 'get_cursor', 'cursor', 'from', 'count'];

function isFirstPage({searchParams}: URL): boolean {
  return Number(searchParams.get('page') ?? 1) <= 1 && Number(searchParams.get('from') ?? 0) <= 0;
}

function nameRequest({pathname, searchParams}: URL): string {
  const query = [...searchParams].filter(([name]) => !paging.includes(name)).map(pair => pair.join('='));
  return [pathname, ...query.sort()].join('\n');
}

function send({status, body}: RecordedReply): Reply {
  return body === null ? {...maintenancePage, status} : sendText(body, status);
}

/** The body as it was recorded: its numbers may have more digits than a double. */
function sendText(body: string, status: number): Reply {
  return {...json(null, status), body: Buffer.from(body)};
}

/** What a request binds, by placeholder, if it is one of the route: it has its path, and its query at least. */
function match(template: URL, url: URL, theirs: readonly string[]): ReadonlyMap<string, string> | null {
  const bound = new Map<string, string>();
  const isEqual = (written: string, asked: string | undefined) => {
    const [, name] = /^\{(\w+)\}$/.exec(written) ?? [];
    if (name !== undefined && asked !== undefined) bound.set(name, asked);
    return name === undefined ? written === asked : asked !== undefined;
  };
  const own = decodePath(template) ?? [];
  const isPath = own.length === theirs.length && own.every((segment, index) => isEqual(segment, theirs[index]));
  const isQuery = [...template.searchParams].every(
    ([name, value]) => paging.includes(name) || url.searchParams.getAll(name).some(asked => isEqual(value, asked)),
  );
  return isPath && isQuery ? bound : null;
}

/** The steps of a path. Null if an escape in it stands for no text. */
function decodePath({pathname}: URL): readonly string[] | null {
  try {
    return pathname.split('/').map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** Steps through the body's own members only: a path may have been tampered with to reach a prototype. */
function fill({body, fill}: OtherReply, bound: ReadonlyMap<string, string>): string {
  const made: unknown = JSON.parse(tag(body));
  for (const [path, placeholder] of Object.entries(fill)) {
    const keys = path.split('.').map(key => `s${key}`);
    const last = keys.pop() ?? '';
    const place = keys.reduce<unknown>(
      (inner, key) => (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
      made,
    );
    if (!isObject(place) || !Object.hasOwn(place, last)) continue;
    const value = bound.get(placeholder) ?? '';
    const held = place[last];
    const isNumber = typeof held === 'string' && held.startsWith('n') && /^(0|[1-9]\d*)$/.test(value);
    place[last] = `${isNumber ? 'n' : 's'}${value}`;
  }
  return JSON.stringify(made).replaceAll(texts, text =>
    text.startsWith('"n') ? text.slice(2, -1) : `"${text.slice(2)}`,
  );
}

const texts = /"[^"\\]*(?:\\.[^"\\]*)*"/gs;
const textsAndNumbers = new RegExp(`${texts.source}|-?\\d[\\d.eE+-]*`, 'gs');

/** JSON whose numbers are texts, since JavaScript would change some: 2^53 + 1, and 1.0. The first letter of each text says what it was. */
function tag(json: string): string {
  return json.replaceAll(textsAndNumbers, token => (token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
