import type {ClientOptions} from '../source/http/client.js';

type Reply = Parameters<NonNullable<ClientOptions['onReply']>>[1];

/** The last reply to each request, as it came. */
export class RecordedReplies {
  readonly #replies = new Map<string, Reply>();

  /** To be given to `openDocebo`. */
  readonly onReply = (pathAndQuery: string, reply: Reply): void => {
    this.#replies.set(pathAndQuery, reply);
  };

  /** Undefined if none came. */
  find(pathAndQuery: string): Reply | undefined {
    return this.#replies.get(pathAndQuery);
  }
}

/** Three numbers at most: four may be an address. */
export const apiVersion = /^\d{1,2}(\.\d{1,2}){0,2}$/;

/** Those that say something of the API, with the part of their values that names nobody. */
const kept: Readonly<Record<string, RegExp>> = {
  'content-type': /^(application\/(json|octet-stream)|text\/(html|plain|csv))(; ?charset=(utf-8|iso-8859-1))?$/i,
  server: /^(openresty|nginx|apache|cloudflare|envoy|awselb)(?=\/|$)/i,
  'x-docebo-api-version': apiVersion,
};

/** Those that hold a number, which tells how much the tenant has asked, or when. */
const counting = [
  'retry-after',
  ...['limit', 'remaining', 'reset'].flatMap(name => [`x-ratelimit-${name}`, `ratelimit-${name}`]),
];

/** The headers that a capture keeps. Of a number its form stays, and of a value of another form than expected only the name of the header. */
export function keepHeaders(headers: Reply['headers']): Readonly<Record<string, string>> {
  const describe = (name: string, value: unknown) => {
    if (typeof value !== 'string') return undefined;
    if (counting.includes(name)) return /^\d{1,10}$/.test(value) ? value.replaceAll(/\d/g, '9') : undefined;
    return kept[name]?.exec(value)?.[0];
  };
  return Object.fromEntries(
    [...Object.keys(kept), ...counting].flatMap(name =>
      headers[name] === undefined ? [] : [[name, describe(name, headers[name]) ?? 'of another form']],
    ),
  );
}
