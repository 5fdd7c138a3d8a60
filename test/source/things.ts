import {expect} from 'vitest';
import {readList} from '../../src/source/lists/list.js';
import type {ListContext, ListOutcome} from '../../src/source/lists/list-context.js';
import {PageFormat} from '../../src/source/lists/page.js';
import {type ApiRoute, defineTable, integer} from '../../src/table.js';
import {listen, open} from './tenant.js';

export const table = defineTable({
  name: 'things',
  description: 'Things.',
  routes: [{path: '/things'}],
  primaryKey: ['id'],
  columns: {id: integer('Id.')},
});

/** A context that lands nothing and knows of nothing. */
export const idle = {
  clock: {now: () => Date.UTC(2026, 9, 21, 12)},
  parallelism: 4,
  driftRetries: 2,
  onCall: () => {},
  onExpect: () => {},
  landedBefore: () => [],
  readLanded: async () => [],
  land: async () => {},
};

/** Reads the list of a server that answers each page by `answer`, and gives what was landed and asked. */
export async function readFrom(answer: (page: number) => unknown, route: ApiRoute = {path: '/things'}) {
  const asked: number[] = [];
  const url = await listen((request, response) => {
    if (request.method === 'POST') return response.end('{"access_token":"t"}');
    const page = Number(new URL(request.url ?? '/', 'http://things').searchParams.get('page') ?? 0);
    asked.push(page);
    return response.end(JSON.stringify(answer(page)));
  });
  const lines: string[] = [];
  const {client} = open(url);
  const context: ListContext = {
    ...idle,
    client,
    land: async page => {
      lines.push(page.lines.encode(page.facts.number).toString());
    },
  };
  const format = new PageFormat(table, route, 2);
  const outcome: ListOutcome | Error = await readList(format, {}, {}, context).catch((error: Error) => error);
  const ids = [...lines.join('').matchAll(/"id":(\d+)/g)].map(([, id]) => Number(id));
  return {outcome, ids: ids.sort((a, b) => a - b), asked: asked.sort((a, b) => a - b)};
}

export const items = (...ids: readonly number[]) => ids.map(id => ({id}));
export const error = (kind: new (...args: never[]) => Error, message: RegExp) =>
  expect.toSatisfy((caught: unknown) => caught instanceof kind && message.test(caught.message));
