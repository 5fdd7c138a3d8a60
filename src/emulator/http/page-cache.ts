import type {Reply} from './reply.js';

/** Keeps replies as bytes by path and query, so that a benchmark measures its reader and not the making of records. */
export interface PageCache {
  get(pathAndQuery: string): Reply | undefined;
  keep(pathAndQuery: string, reply: Reply): void;
  clear(): void;
}

/** Once it holds `mostBytes` of bodies, it adds nothing: a list read front to back would push out the pages that come next. */
export function createPageCache(mostBytes: number): PageCache {
  const replies = new Map<string, Reply>();
  let bytes = 0;
  return {
    get: path => replies.get(path),
    keep(path, reply) {
      if (bytes + reply.body.length > mostBytes) return;
      bytes += reply.body.length;
      replies.set(path, reply);
    },
    clear() {
      replies.clear();
      bytes = 0;
    },
  };
}

export const noPageCache: PageCache = {get: () => undefined, keep: () => {}, clear: () => {}};
