import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {defaultDriftRetries} from '../choices.js';
import {readTypedRows} from '../engine/typed-rows.js';
import {type RejectedError, ResponseError} from '../errors.js';
import type {Docebo} from '../source/docebo.js';
import {isRouteRefusal} from '../source/http/policy.js';
import {refuseAborted} from '../source/http/until-aborted.js';
import {Calls} from '../source/lists/calls.js';
import {List} from '../source/lists/list.js';
import type {ListContext} from '../source/lists/list-context.js';
import {PageFormat} from '../source/lists/page.js';
import {UnfitRouteError} from '../source/lists/unfit-route.js';
import {linesFromLanded, type PageLines} from '../spool/lines.js';
import {type Landing, TableSpool} from '../spool/table-spool.js';
import type {ApiRoute, Table} from '../table.js';

/** A row as a load publishes it. */
export type AnyRow = Readonly<Record<string, unknown>>;

export interface ListRequest {
  readonly table: Table;
  /** The first that the tenant serves is read. */
  readonly routes: readonly ApiRoute[];
  /** No more rows than this are asked for. */
  readonly limit: number;
}

/** The tenant serves none of the routes. The cause is the refusal of the first. */
export class UnservedError extends Error {
  override readonly name = 'UnservedError';

  constructor(refusal: RejectedError | undefined) {
    super('No route of the list is served.', {cause: refusal});
  }
}

/**
 * The rows of one list in its order, each once, page by page as its reader asks for them. A reader that stops early costs no further call. When the
 * list ends it has been proved whole, as in a load; otherwise this throws IncompleteError then.
 */
export async function* readList(docebo: Docebo, request: ListRequest): AsyncGenerator<AnyRow, void> {
  let refusal: RejectedError | undefined;
  for (const route of request.routes) {
    const rows = readBy(docebo, route, request);
    let hasBegun = false;
    try {
      const first = await rows.next();
      if (first.done) return;
      hasBegun = true;
      yield first.value;
      return yield* rows;
    } catch (error) {
      if (error instanceof UnfitRouteError) throw new ResponseError(error.message, {cause: error});
      // Rows of two routes are not mixed.
      if (hasBegun || !isRouteRefusal(error)) throw error;
      refusal ??= error;
    } finally {
      await rows.return();
    }
  }
  throw new UnservedError(refusal);
}

async function* readBy(docebo: Docebo, route: ApiRoute, {table, limit}: ListRequest): AsyncGenerator<AnyRow, void> {
  const {client, clock, large, budget, pageSize} = docebo;
  const landings: Landing[] = [];
  const spool: ListContext['spool'] = {
    pass: 0,
    landedBefore: () => [],
    readLanded: async () => [],
    accept: async landing => {
      landings.push(landing);
    },
  };
  const calls = new Calls(budget);
  calls.plan(false);
  // One page at a time: rows keep their order, and none is read ahead in vain.
  const context = {
    ...{client, clock, large, spool, calls},
    ...{driftRetries: defaultDriftRetries, parallelism: 1, accepts: () => false},
  };
  const format = new PageFormat(table, route, Math.min(pageSize, limit));
  const list = new List(format, context);
  const seen = new Set<string>();
  for await (const _ of list.read()) {
    for (const landing of landings.splice(0)) {
      for (const row of await castPage(table, landing)) {
        const key = keyOf(table, row);
        // A page may have been read again.
        if (seen.has(key)) continue;
        refuseAborted(docebo.signal);
        seen.add(key);
        yield row;
        if (seen.size >= limit) return;
      }
    }
  }
}

/** The key of a row, as text. */
function keyOf({primaryKey}: Table, row: AnyRow): string {
  return JSON.stringify(primaryKey.map(name => String(row[name])));
}

/** The rows of one page, cast as in a load, in its order and each once. Throws IncompleteError for two records that differ and have one key. */
export async function castPage(table: Table, landing: Landing): Promise<readonly AnyRow[]> {
  if (landing.lines.records === 0) return [];
  const folder = await mkdtemp(join(tmpdir(), 'docebo-rows-'));
  try {
    const spool = await TableSpool.open(folder, table.name);
    await spool.land({...landing, lines: dropRepeated(landing.lines)});
    const spooled = await spool.complete({total: null, moved: false, route: landing.request});
    const rows: AnyRow[] = [];
    for await (const some of readTypedRows({table, spooled}, {workDir: folder, awaitDrift: false})) rows.push(...some);
    return rows;
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

/** A record that comes twice on a page as it is would be given once. */
function dropRepeated(lines: PageLines): PageLines {
  const texts = lines.encode(1).toString('latin1').split('\n').slice(0, -1);
  const different = [...new Set(texts)];
  if (different.length === texts.length) return lines;
  return linesFromLanded(
    different.map(text => Buffer.from(text, 'latin1')),
    lines,
  );
}
