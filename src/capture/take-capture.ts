import {STATUS_CODES} from 'node:http';
import {sentNames} from '../declared-keys.js';
import {IngestError} from '../errors.js';
import {InvalidBodyError} from '../json/scanner.js';
import {fullRouteName, isDerived} from '../routes.js';
import type {Docebo} from '../source/docebo.js';
import {PageFormat} from '../source/lists/page.js';
import {type Bound, formatRequest} from '../source/lists/request.js';
import {type AskedList, type Sample, TableSampler} from '../source/tables/sample-tables.js';
import {type ApiRoute, defaultRecordPaths, type Table} from '../table.js';
import {describeShape} from './describe-shape.js';
import type {Random} from './draw.js';
import {fitBounds} from './fit-bounds.js';
import {describeCounts, fitCounts, fitElements} from './fit-counts.js';
import type {CapturedOthers, CapturedReply, CapturedRoute} from './format.js';
import {inventReply} from './invent-reply.js';
import {Inventor} from './inventor.js';
import {formatTree, isMap, JsonNumber, type JsonTree, parseTree} from './json-tree.js';
import {apiVersion, keepHeaders, type RecordedReplies} from './recorded-replies.js';
import {SeenValues} from './seen-values.js';
import {type Shape, ShapeReader} from './shape.js';
import {collectVocabulary} from './vocabulary.js';

export interface TakenTable {
  /** In a few words of ours: what Docebo said of it may name the tenant. */
  readonly seen: string;
  /** Empty for a table that took no call. */
  readonly routes: readonly CapturedRoute[];
}

export interface CaptureOptions {
  /** The tables to capture. Those whose rows they need are captured too. */
  readonly tables: readonly Table[];
  /** All declared tables: what they name is Docebo's. */
  readonly known: readonly Table[];
  readonly random: Random;
}

/** Of so many parents at most the children are asked for, until one has some. */
const mostParents = 5;
/** So many are asked for if each has one record of its own, such as the details of a course: such records differ most. */
const mostRecords = 10;

/** The replies to one page of each table, with invented values. Throws what `TableSampler.sample` throws. */
export async function takeCapture(
  docebo: Docebo,
  replies: RecordedReplies,
  {tables, known, random}: CaptureOptions,
): Promise<ReadonlyMap<string, TakenTable>> {
  const sampler = new TableSampler(docebo, {pageSize: docebo.pageSize, mostParents, mostRecords, passesErrors: true});
  for (const table of tables) await sampler.sample(table);
  const sampled = await sampler.sampled();
  const disguise = new Disguise(docebo, replies, sampled, {known, random});
  return new Map(
    [...sampled].map(([table, sample]) => [
      table.name,
      {seen: describeSample(sample), routes: disguise.routesOf(table, sample)},
    ]),
  );
}

function describeSample({readability, route, records, asked}: Sample): string {
  if (!readability.readable)
    return {right: 'refused', absent: 'not served', answer: 'not understood'}[readability.obstacle ?? 'answer'];
  if (route !== null && isDerived(route)) return `made of ${route.derive.table.name}`;
  if (asked.length === 0) return 'not asked for, since no row was found to ask by';
  return records.length > 0 || asked.some(({route}) => route.explode !== undefined) ? 'read' : 'no record';
}

/** Makes captured routes of the replies to a sample. One instance serves all tables, so that ids go together. */
class Disguise {
  readonly #docebo: Docebo;
  readonly #replies: RecordedReplies;
  readonly #known: readonly Table[];
  /** By path and query; undefined for what is not JSON. */
  readonly #trees = new Map<string, JsonTree | undefined>();
  readonly #inventor: Inventor;
  readonly #shapes: ShapeReader;

  constructor(
    docebo: Docebo,
    replies: RecordedReplies,
    sampled: ReadonlyMap<Table, Sample>,
    {known, random}: Pick<CaptureOptions, 'known' | 'random'>,
  ) {
    this.#docebo = docebo;
    this.#replies = replies;
    this.#known = known;
    for (const {asked} of sampled.values())
      for (const {path} of asked) this.#trees.set(path, parseTree(replies.find(path)?.body.toString() ?? ''));
    const host = new URL(docebo.client.origin).hostname;
    const trees = [...this.#trees.values()].filter(tree => tree !== undefined);
    const seen = new SeenValues(trees, [host, docebo.tenant]);
    const vocabulary = collectVocabulary(known);
    this.#inventor = new Inventor(vocabulary, seen, random);
    this.#shapes = new ShapeReader(vocabulary, seen, host);
  }

  routesOf(table: Table, sample: Sample): readonly CapturedRoute[] {
    const asked = sample.asked.filter(({path}) => this.#replies.find(path) !== undefined);
    const routes = [...new Set(asked.map(({route}) => route))];
    return routes.map(route =>
      this.#captureRoute(
        table,
        route,
        asked.filter(list => list.route === route),
      ),
    );
  }

  #captureRoute(table: Table, route: ApiRoute, lists: readonly AskedList[]): CapturedRoute {
    const treesOf = (isServed: boolean) =>
      lists
        .filter(list => list.isServed === isServed)
        .map(({path}) => this.#trees.get(path))
        .filter(tree => tree !== undefined);
    const shape = this.#shapes.readReplies(treesOf(true), treesOf(false));
    return {
      route: fullRouteName(route),
      shape: describeShape(shape),
      replies: lists.map(list => this.#captureReply(table, list, shape)),
      others: this.#findOthers(table, route, lists, shape),
    };
  }

  #captureReply(table: Table, list: AskedList, shape: Shape): CapturedReply {
    const {route, bound, path} = list;
    const {status, headers} = this.#replies.find(path) ?? {status: 0, headers: {}};
    const tree = this.#trees.get(path);
    return {
      request: formatRequest(route, this.#inventBound(bound), {}),
      status,
      headers: keepHeaders(headers),
      counted: tree === undefined ? {} : describeCounts(tree, route),
      body: this.#makeBody(table, list, shape, this.#docebo.pageSize),
      isJson: tree !== undefined,
    };
  }

  /** The reply with invented values, which counts what it holds. Null if it was no JSON. */
  #makeBody(table: Table, list: AskedList, shape: Shape, mostElements: number): JsonTree {
    const {route, path, isServed} = list;
    const tree = this.#trees.get(path);
    if (tree === undefined) return null;
    const made = inventReply(tree, shape, this.#inventor, mostElements);
    const {status = 0} = this.#replies.find(path) ?? {};
    const named = keepRoot(fitBounds(fitElements(made, this.#known), tree, this.#known), tree, status);
    return isServed ? fitCounts(named, tree, route, this.#countRecords(table, list, named) ?? 0) : named;
  }

  /** How many records a run would find in it; undefined if it would not understand it. */
  #countRecords(table: Table, {route, bound}: AskedList, body: JsonTree): number | undefined {
    const format = new PageFormat(table, route, this.#docebo.pageSize);
    const address = {number: 1, bound: this.#inventBound(bound), extra: {}};
    try {
      return format.read(Buffer.from(formatTree(body, null)), address).facts.sent;
    } catch (error) {
      if (error instanceof IngestError || error instanceof InvalidBodyError) return undefined;
      throw error;
    }
  }

  #inventBound(bound: Bound): Bound {
    return Object.fromEntries(Object.entries(bound).map(([name, value]) => [name, this.#inventor.text(value, null)]));
  }

  /**
   * What was not asked for: the lists of other parents and nodes, and what comes behind a page of a list that says nothing of its end. There is nothing, or
   * a record like that of the first parent. What was refused for those that were asked for is refused for the others too.
   */
  #findOthers(table: Table, route: ApiRoute, lists: readonly AskedList[], shape: Shape): CapturedOthers | null {
    if (route.parent === undefined && route.descend === undefined && route.paging !== 'offset') return null;
    const list = lists.find(({isServed}) => isServed) ?? lists[0];
    if (list === undefined) return null;
    const status = this.#replies.find(list.path)?.status ?? 0;
    const body = this.#makeBody(table, list, shape, this.#docebo.pageSize);
    if (!list.isServed) return {status, body, fill: {}};
    if (route.record !== undefined) return {status, body, fill: findKeys(table, route, body)};
    const empty = [this.#makeBody(table, list, shape, 0), emptyList(route)];
    return {
      status: 200,
      body: empty.find(each => this.#countRecords(table, list, each) === 0) ?? emptyList(route),
      fill: {},
    };
  }
}

/** The name of a status is HTTP's own, and the version of the API is Docebo's. */
function keepRoot(made: JsonTree, sent: JsonTree, status: number): JsonTree {
  if (!isMap(made) || !isMap(sent)) return made;
  const kept = new Map(made);
  const version = sent.get('version');
  if (typeof version === 'string' && apiVersion.test(version)) kept.set('version', version);
  if (sent.get('name') === STATUS_CODES[status] && status >= 400) kept.set('name', sent.get('name') ?? null);
  if (status >= 400 && sent.get('status') instanceof JsonNumber) kept.set('status', new JsonNumber(String(status)));
  return kept;
}

/** Where a record holds what it was asked for by. */
function findKeys({primaryKey, columns}: Table, route: ApiRoute, body: JsonTree): Readonly<Record<string, string>> {
  const root = route.record ?? '';
  const record = root
    .split('.')
    .reduce<JsonTree | undefined>((place, key) => (isMap(place) ? place.get(key) : undefined), body);
  if (!isMap(record)) return {};
  return Object.fromEntries(
    primaryKey
      .filter(name => name in (route.parent?.bind ?? {}))
      .flatMap(name => sentNames(name, columns[name] ?? {}).map(sent => [sent, name] as const))
      .filter(([sent]) => record.has(sent))
      .map(([sent, name]) => [`${root}.${sent}`, name]),
  );
}

/** A list without records, where the route looks for it first. */
function emptyList({recordsAt = defaultRecordPaths}: ApiRoute): JsonTree {
  return (recordsAt[0] ?? 'data').split('.').reduceRight<JsonTree>((inner, key) => new Map([[key, inner]]), []);
}
