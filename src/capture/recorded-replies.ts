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

/** Those that say something of the API, by what their values look like if they name nobody. */
const kept: Readonly<Record<string, RegExp>> = {
  'content-type': /^[a-z]+\/[a-z+.-]+(; ?charset=[\w-]+)?$/i,
  server: /^(openresty|nginx|apache|cloudflare|envoy|awselb)(\/[\d.]+)?$/i,
  'x-docebo-api-version': /^[\d.]{1,20}$/,
  'retry-after': /^\d{1,5}$/,
  'x-ratelimit-limit': /^\d{1,9}$/,
  'x-ratelimit-remaining': /^\d{1,9}$/,
  'x-ratelimit-reset': /^\d{1,10}$/,
  'ratelimit-limit': /^\d{1,9}$/,
  'ratelimit-remaining': /^\d{1,9}$/,
  'ratelimit-reset': /^\d{1,10}$/,
};

/** The headers that a capture keeps. Of one whose value is of another form than expected only the name stays. */
export function keepHeaders(headers: Reply['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(kept).flatMap(([name, form]) => {
      const value = headers[name];
      if (value === undefined) return [];
      return [[name, typeof value === 'string' && form.test(value) ? value : 'of another form']];
    }),
  );
}
