import {expect} from 'vitest';
import type {Run} from '../../src/ingest.js';
import type {Clock} from '../../src/source/http/budget.js';
import {type Answer, type Served, serve} from '../helpers/served.js';
import {merge} from './nights.js';

export interface User {
  readonly user_id: string;
  readonly username: string;
  readonly last_update: string;
  readonly [key: string]: unknown;
}

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export function moment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

export function makeUsers(count: number, at: (index: number) => number): User[] {
  return Array.from({length: count}, (_, index) => ({
    user_id: String(1000 + index),
    username: `u${String(index).padStart(6, '0')}`,
    last_update: moment(at(index)),
  }));
}

/** What a list of users answers. `total`: what it counts of the rows that it would send. */
export function answerUsers(
  query: URLSearchParams,
  users: readonly User[],
  total: (rows: number, isFiltered: boolean) => number = rows => rows,
): string {
  const [from, to] = [query.get('updated_from'), query.get('updated_to')];
  const within = users.filter(({last_update: at}) => (from === null || at >= from) && (to === null || at <= to));
  return answerPage(query, within, total(within.length, from !== null));
}

/** The page of a list that is asked for. */
export function answerPage(query: URLSearchParams, rows: readonly unknown[], counted = rows.length): string {
  const [page, size] = [Number(query.get('page') ?? 1), Number(query.get('page_size') ?? 200)];
  const items = rows.slice((page - 1) * size, page * size);
  return JSON.stringify({
    data: {
      items,
      count: items.length,
      has_more_data: page * size < rows.length,
      current_page: page,
      current_page_size: size,
      total_page_count: Math.ceil(counted / size),
      total_count: counted,
    },
  });
}

/** A tenant of users only, with the rows that `users` gives at the moment. */
export async function serveUsers(users: () => readonly User[], bend: Answer = () => undefined) {
  const served = await serve((path, query) => {
    const bent = bend(path, query);
    if (bent !== undefined) return bent;
    return path === '/manage/v1/user' ? answerUsers(query, users()) : undefined;
  });
  return {...served, ...nightsOf(served)};
}

export function clockAt(offsetMs: () => number): Clock {
  let aheadMs = 0;
  return {
    now: () => Date.now() + aheadMs,
    wall: () => Date.now() + offsetMs(),
    random: () => 0.5,
    sleep: async ms => {
      aheadMs += ms;
      await new Promise(resolve => setImmediate(resolve));
    },
  };
}

export function nightsOf(served: Served) {
  return {
    async night(run: Partial<Omit<Run, 'cast' | 'docebo'>> = {}, docebo: Record<string, unknown> = {}) {
      const from = served.asked.length;
      const report = await served.load(['users'], {
        merge: {...merge, auditPages: 1},
        docebo: {pageSize: 5, clock: clockAt(() => 0), ...docebo},
        ...run,
      });
      const table = report.tables.find(each => each.table === 'users') ?? expect.fail('users');
      return {report, table, calls: served.asked.slice(from)};
    },
    async ids() {
      const rows = await served.query('SELECT CAST(user_id AS VARCHAR) FROM users ORDER BY 1');
      return rows.map(([id]) => String(id));
    },
    async rows() {
      const rows = await served.query('SELECT CAST(user_id AS VARCHAR), username FROM users ORDER BY 1');
      return rows.map(row => row.join(' '));
    },
  };
}
