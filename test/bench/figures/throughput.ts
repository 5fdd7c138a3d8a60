import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {Table} from '../../../src/table.js';
import {courseEnrollments} from '../../../tables/course_enrollments.js';
import {users} from '../../../tables/users.js';
import {Emulated} from '../emulated.js';
import {type BenchOptions, type Figure, median, type Row} from '../figure.js';
import {measureReadJson} from '../read-json.js';
import {type IngestRun, runIngest} from '../run-ingest.js';
import {getAll, listPages} from '../warm.js';

interface Load {
  readonly table: Table;
  /** Users in a tenant that holds one such record each. */
  readonly usersPerRecord: number;
  readonly atLeast?: number;
}

interface Way {
  readonly destination: 'duckdb' | 'jsonl';
  readonly gzip: boolean;
  readonly repeats: number;
}

const leastShare = 0.3;
const mostMb = 700;

const loads: readonly Load[] = [
  {table: users, usersPerRecord: 1, atLeast: leastShare},
  {table: courseEnrollments, usersPerRecord: 0.266},
];

/** Rows a second from the API to the destination, beside what DuckDB alone makes of the same records on the same machine. */
export const throughput: Figure = {
  name: 'throughput',
  async measure(options) {
    const rows: Row[] = [];
    for (const load of loads) rows.push(...(await measureLoad(load, options)));
    return rows;
  },
};

async function measureLoad(load: Load, options: BenchOptions): Promise<readonly Row[]> {
  const {table, usersPerRecord, atLeast} = load;
  const {folder, tell, quick, records} = options;
  const typedFile = join(folder, 'typed.ndjson');
  const tenant = {users: Math.ceil(records * usersPerRecord), pageCache: true};
  tell(`${table.name}: making the records`);
  const {count, limit} = await Emulated.with(tenant, async emulated => {
    const written = await emulated.writeTyped(table.name, typedFile);
    return {count: written, limit: await measureReadJson(table, typedFile, written)};
  });
  await rm(typedFile);
  const rows: Row[] = [
    {figure: `DuckDB’s own read_json, ${table.name}`, measured: limit, unit: 'rows/s', note: `${count} rows`},
  ];
  const judged = atLeast !== undefined;
  for (const gzip of quick && !judged ? [false] : [false, true]) {
    await Emulated.with({...tenant, gzip}, async emulated => {
      const paths = listPages(table, count);
      await getAll(emulated, paths);
      for (const destination of quick && gzip ? (['duckdb'] as const) : (['duckdb', 'jsonl'] as const)) {
        const way = {destination, gzip, repeats: quick && (gzip || !judged) ? 1 : 3};
        rows.push(...(await measureWay(emulated, load, way, limit, options)));
      }
      await refuseCold(emulated, paths);
    });
  }
  return rows;
}

async function measureWay(
  emulated: Emulated,
  {table, atLeast}: Load,
  {destination, gzip, repeats}: Way,
  limit: number,
  {folder, tell}: BenchOptions,
): Promise<readonly Row[]> {
  const figure = `${table.name} → ${destination}${gzip ? ', gzip' : ''}`;
  tell(figure);
  const target = join(folder, destination === 'duckdb' ? 'out.duckdb' : 'out');
  const runs: IngestRun[] = [];
  for (let i = 0; i < repeats; i += 1) {
    runs.push(await runIngest(emulated, {table: table.name, destUri: `${destination}://${target}`, folder}));
    await rm(target, {recursive: true});
  }
  const speed = median(runs.map(({report, seconds}) => (report.tables[0]?.rows ?? 0) / seconds));
  const peak = Math.max(...runs.map(({peakMb}) => peakMb));
  return [
    {
      figure: `${figure} ÷ read_json`,
      measured: speed / limit,
      note: `${Math.round(speed).toLocaleString('en')} rows/s`,
      ...(!gzip && atLeast !== undefined && {atLeast}),
    },
    {figure: `${figure}, peak memory`, measured: peak, unit: 'MB', ...(!gzip && {atMost: mostMb})},
  ];
}

/** A page that was made while the clock ran is not the reader's time. */
async function refuseCold(emulated: Emulated, warmed: readonly string[]): Promise<void> {
  const known = new Set(warmed);
  const cold = (await emulated.requests()).filter(({method, path}) => method === 'GET' && !known.has(path));
  if (cold.length > 0) throw new Error(`${cold.length} pages were not warm, such as ${cold[0]?.path}.`);
}
