import {expect} from 'vitest';
import {LargeReplies} from '../../src/source/http/large-replies.js';
import {Calls} from '../../src/source/lists/calls.js';
import {List} from '../../src/source/lists/list.js';
import type {ListOutcome} from '../../src/source/lists/list-context.js';
import {PageFormat} from '../../src/source/lists/page.js';
import type {PageLine} from '../../src/spool/format.js';
import type {Landing} from '../../src/spool/table-spool.js';
import {type ApiRoute, defineTable, integer} from '../../src/table.js';
import {listen, open} from './tenant.js';

export const table = defineTable({
  area: 'people',
  name: 'things',
  description: 'Things.',
  routes: [{path: '/things'}],
  primaryKey: ['id'],
  columns: {id: integer('Id.')},
});

/** A spool that keeps nothing but the ids of the records that land. */
export function keepIds(landedBefore: (request: string) => readonly PageLine[] = () => []) {
  const ids: number[] = [];
  const accept = async ({lines}: Landing) => {
    const text = lines.encode(1).toString();
    for (const [, id] of text.matchAll(/"id":(\d+)/g)) ids.push(Number(id));
  };
  return {ids, spool: {pass: 0, accept, landedBefore, readLanded: async () => []}};
}

/** A context for lists that land nowhere. */
export const idle = {
  clock: {now: () => Date.UTC(2026, 9, 21, 12), sleep: async () => {}, random: () => 0},
  parallelism: 4,
  driftRetries: 2,
  accepts: () => false,
  large: new LargeReplies(),
  calls: new Calls({expect: () => {}}),
};

/** Reads a list to its end, and returns its outcome. */
export async function readAll(list: List): Promise<ListOutcome> {
  const pages = list.read();
  let next = await pages.next();
  while (!next.done) next = await pages.next();
  return next.value;
}

/** Reads the list of a server that answers each page by `answer`, and gives what was landed and asked. */
export async function readFrom(answer: (page: number) => unknown, route: ApiRoute = {path: '/things'}) {
  const asked: number[] = [];
  const url = await listen((request, response) => {
    if (request.method === 'POST') return response.end('{"access_token":"t"}');
    const page = Number(new URL(request.url ?? '/', 'http://things').searchParams.get('page') ?? 0);
    asked.push(page);
    return response.end(JSON.stringify(answer(page)));
  });
  const {client} = open(url);
  const {ids, spool} = keepIds();
  const list = new List(new PageFormat(table, route, 2), {...idle, client, spool});
  const outcome: ListOutcome | Error = await readAll(list).catch((error: Error) => error);
  return {outcome, ids: ids.sort((a, b) => a - b), asked: asked.sort((a, b) => a - b)};
}

export const items = (...ids: readonly number[]) => ids.map(id => ({id}));
export const error = (kind: new (...args: never[]) => Error, message: RegExp) =>
  expect.toSatisfy((caught: unknown) => caught instanceof kind && message.test(caught.message));
