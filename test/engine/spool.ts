import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {exactPaths} from '../../src/declared-keys.js';
import type {Load, PublishOptions} from '../../src/destination/destination.js';
import type {SentType} from '../../src/json/scanner.js';
import {Slicer} from '../../src/source/lists/slice.js';
import type {SpooledTable} from '../../src/spool/format.js';
import {linesFromSpans} from '../../src/spool/lines.js';
import {TableSpool} from '../../src/spool/table-spool.js';
import {boolean, type Columns, date, double, integer, json, type Table, text, timestamp} from '../../src/table.js';

/** A folder that is gone after the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'docebo-engine-'));
  onTestFinished(() => rm(folder, {recursive: true, force: true}));
  return folder;
}

export const extractedAt = '2025-07-23T16:37:29.000Z';

interface Page {
  readonly records: readonly unknown[];
  readonly bound?: Readonly<Record<string, string>>;
  /** Of the list. @default its place among the pages */
  readonly number?: number;
  readonly state?: number;
}

interface SpoolOptions {
  readonly undeclared?: Readonly<Record<string, readonly SentType[]>>;
  /** Rows moved, so that the last record of a key counts. */
  readonly moved?: boolean;
  /** Rows that have to come at the least if rows moved. */
  readonly total?: number | null;
  readonly readAt?: string;
}

/** Lands pages as extraction would. A record given as text lands as it is. */
export async function writeSpool(
  folder: string,
  name: string,
  pages: readonly Page[],
  {undeclared = {}, moved = false, total = null, readAt = extractedAt}: SpoolOptions = {},
): Promise<SpooledTable> {
  const place = join(folder, `spool-${name.replace(/\W/g, '_')}-${Math.random().toString(36).slice(2)}`);
  await mkdir(place, {recursive: true});
  const lines: string[] = [];
  const manifest: string[] = [];
  let endOffset = 0;
  let longest = 0;
  for (const [i, {records, bound = {}, number = i + 1, state = 0}] of pages.entries()) {
    const page = i + 1;
    for (const record of records) {
      const sent = typeof record === 'string' ? record : JSON.stringify(record);
      const line = `{"page":${page},"record":${sent}}`;
      lines.push(line);
      endOffset += Buffer.byteLength(line) + 1;
      longest = Math.max(longest, Buffer.byteLength(line));
    }
    manifest.push(
      JSON.stringify({
        type: 'page',
        page,
        request: `GET /x?page=${page}`,
        bound,
        records: records.length,
        facts: {number},
        pass: 0,
        state,
        end_offset: endOffset,
        longest_line: longest,
        extracted_at: readAt,
        undeclared: {},
      }),
    );
  }
  const records = lines.length;
  manifest.push(JSON.stringify({type: 'complete', records, pages: pages.length, total: records}));
  const recordsFile = join(place, 'records.ndjson');
  const manifestFile = join(place, 'manifest.ndjson');
  await writeFile(
    recordsFile,
    lines.map(line => `${line}\n`),
  );
  await writeFile(manifestFile, manifest.map(line => `${line}\n`).join(''));
  const seen = new Map(Object.entries(undeclared).map(([key, types]) => [key, new Set(types)]));
  return {
    name,
    recordsFile,
    manifestFile,
    records,
    total,
    moved,
    undeclared: seen,
    exact: new Set(),
    mended: new Set(),
    repeated: new Set(),
    bound: new Set(pages.flatMap(({bound = {}}) => Object.keys(bound))),
    longestLine: longest,
    readAt: pages.length > 0 ? readAt : null,
  };
}

/** Lands records, given as JSON, through what extraction lands them by. */
export async function landRecords(folder: string, table: Table, records: readonly string[]): Promise<Load> {
  const spool = await TableSpool.open(folder, table.name, {keepsDerived: false});
  const slicer = new Slicer(exactPaths(table), ['data']);
  const lines = linesFromSpans(slicer.slice(Buffer.from(`{"data":[${records.join()}]}`)));
  await spool.land({lines, request: 'GET /', bound: {}, facts: null, state: 0, sentAfter: 0});
  const spooled = await spool.complete({route: '/', total: null, moved: false});
  return {table, spooled, target: {schema: null, name: table.name}};
}

/** A column of each type. */
export const everyType: Columns = {
  user_id: integer('Key.'),
  name: text('Name.'),
  score: double('Score.'),
  active: boolean('Active.'),
  seen_at: timestamp('Seen.'),
  born_on: date('Born.'),
  extra: json('Extra.'),
};

export function makeTable(spec: Partial<Table> & {columns?: Columns} = {}): Table {
  return {
    name: 'users',
    aliases: [],
    description: "Everyone's account.",
    routes: [{path: '/users'}],
    primaryKey: ['user_id'],
    columns: {user_id: integer('Id of the user.'), name: text('What the user is called.')},
    ignores: {},
    area: 'people',
    ...spec,
  };
}

export async function makeLoad(
  folder: string,
  records: readonly unknown[],
  {table = makeTable(), schema = null, name = table.name, ...spool}: LoadSpec = {},
): Promise<Load> {
  const spooled = await writeSpool(folder, table.name, [{records}], spool);
  return {table, spooled, target: {schema, name}};
}

interface LoadSpec extends SpoolOptions {
  readonly table?: Table;
  readonly schema?: string | null;
  readonly name?: string;
}

export function publishOptions(folder: string, options: Partial<PublishOptions> = {}): PublishOptions {
  return {
    invalidDates: 'epoch',
    onCastError: 'null',
    schemaContract: 'evolve',
    loadMetadata: false,
    loadId: 'load1',
    workDir: join(folder, 'work'),
    allOrNothing: false,
    accept: {},
    awaitDrift: false,
    maxShrinkPercent: 50,
    allowEmpty: false,
    allowRouteChange: false,
    allowOlder: false,
    readingsDir: join(folder, 'published'),
    ...options,
  };
}
