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

const destinations = ['duckdb', 'jsonl'] as const;
type Destination = (typeof destinations)[number];

/** One load, and what DuckDB alone made of its records just before. */
interface Round extends IngestRun {
  readonly destination: Destination;
  readonly speed: number;
  readonly limit: number;
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
  const judged = atLeast !== undefined;
  const typedFile = join(folder, 'typed.ndjson');
  const rows: Row[] = [];
  for (const gzip of quick && !judged ? [false] : [false, true]) {
    // A cursor is another one each time, so pages asked for by it are never warm.
    const tenant = {users: Math.ceil(records * usersPerRecord), pageCache: true, gzip, cursors: 'absent'} as const;
    await Emulated.with(tenant, async emulated => {
      tell(`${table.name}${gzip ? ', gzip' : ''}: making the records`);
      const count = await emulated.writeTyped(table.name, typedFile);
      const paths = listPages(table, count);
      await getAll(emulated, paths);
      const rounds: Round[] = [];
      for (let i = 0; i < (quick && (gzip || !judged) ? 1 : 3); i += 1) {
        for (const destination of quick && gzip ? (['duckdb'] as const) : destinations) {
          tell(`${table.name} → ${destination}`);
          // Side by side, so that whatever else the machine does falls on both.
          const limit = await measureReadJson(table, typedFile, count);
          rounds.push({destination, limit, ...(await measureOnce(emulated, table, destination, folder))});
        }
      }
      await refuseCold(emulated, paths);
      await rm(typedFile);
      rows.push(...summarise(load, gzip, count, rounds));
    });
  }
  return rows;
}

async function measureOnce(emulated: Emulated, table: Table, destination: Destination, folder: string) {
  const target = join(folder, 'out');
  const run = await runIngest(emulated, {table: table.name, destUri: `${destination}://${target}`, folder});
  await rm(target, {recursive: true});
  return {...run, speed: (run.report.tables[0]?.rows ?? 0) / run.seconds};
}

function summarise({table, atLeast}: Load, gzip: boolean, count: number, rounds: readonly Round[]): readonly Row[] {
  const way = gzip ? ', gzip' : '';
  const limit = {
    figure: `DuckDB’s own read_json, ${table.name}${way}`,
    measured: median(rounds.map(round => round.limit)),
    unit: 'rows/s',
    note: `${count.toLocaleString('en')} rows`,
  };
  const ofDestination = destinations.flatMap(destination => {
    const runs = rounds.filter(round => round.destination === destination);
    if (runs.length === 0) return [];
    const figure = `${table.name} → ${destination}${way}`;
    const speed = Math.round(median(runs.map(round => round.speed)));
    return [
      {
        figure: `${figure} ÷ read_json`,
        measured: median(runs.map(round => round.speed / round.limit)),
        note: `${speed.toLocaleString('en')} rows/s`,
        ...(!gzip && atLeast !== undefined && {atLeast}),
      },
      {
        figure: `${figure}, peak memory`,
        measured: Math.max(...runs.map(({peakMb}) => peakMb)),
        unit: 'MB',
        ...(!gzip && {atMost: mostMb}),
      },
    ];
  });
  return [limit, ...ofDestination];
}

/** A page that was made while the clock ran is not the reader's time. */
async function refuseCold(emulated: Emulated, warmed: readonly string[]): Promise<void> {
  const known = new Set(warmed);
  const cold = (await emulated.requests()).filter(({method, path}) => method === 'GET' && !known.has(path));
  if (cold.length > 0) throw new Error(`${cold.length} pages were not warm, such as ${cold[0]?.path}.`);
}
