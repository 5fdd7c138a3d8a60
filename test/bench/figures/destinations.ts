import {createReadStream} from 'node:fs';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {DuckDBInstance} from '@duckdb/node-api';
import pg from 'pg';
import {from as copyFrom} from 'pg-copy-streams';
import {users} from '../../../tables/users.js';
import {findObstacle, startPostgres, superuser} from '../../helpers/postgres-server.js';
import {Emulated} from '../emulated.js';
import type {BenchOptions, Figure, Row} from '../figure.js';
import {runCommand, runIngest} from '../run-ingest.js';

const mostMb = 800;

/** What a landed run takes to be published elsewhere, beside what the warehouse's own COPY takes for the same rows. */
export const destinations: Figure = {
  name: 'destinations',
  async measure(options) {
    const {records, folder, tell} = options;
    await Emulated.with({users: records, pageCache: true, gzip: false}, async emulated => {
      tell(`reading ${records} users`);
      await runIngest(emulated, {table: users.name, destUri: `duckdb://${folder}/read.duckdb`, folder});
    });
    try {
      return [...(await measureParquet(options)), ...(await measurePostgres(options))];
    } finally {
      await rm(join(folder, 'read.duckdb'), {force: true});
      await rm(join(folder, 'state'), {recursive: true, force: true});
    }
  },
};

async function loadInto(destUri: string, folder: string) {
  return runCommand(['load', 'last', '--dest-uri', destUri, '--state-dir', join(folder, 'state')], {folder});
}

async function measureParquet({folder, tell, records}: BenchOptions): Promise<readonly Row[]> {
  tell(`${records} users → parquet`);
  const own = join(folder, 'own.parquet');
  const copySeconds = await copyTo(folder, `'${own}' (FORMAT parquet, COMPRESSION zstd)`);
  const {seconds, peakMb} = await loadInto(`parquet://${folder}/lake`, folder);
  await rm(own);
  await rm(join(folder, 'lake'), {recursive: true});
  return [
    {
      figure: 'users → parquet ÷ DuckDB’s own COPY',
      measured: seconds / copySeconds,
      note: `${seconds.toFixed(1)} s, of which reading and proving the records`,
    },
    {figure: 'users → parquet, peak memory', measured: peakMb, unit: 'MB', atMost: mostMb},
  ];
}

async function measurePostgres({folder, tell, records, quick}: BenchOptions): Promise<readonly Row[]> {
  const obstacle = findObstacle();
  if (obstacle !== undefined) return [{figure: 'users → postgres', measured: null, note: obstacle}];
  const server = await startPostgres();
  const csv = join(folder, 'own.csv');
  try {
    tell(`${records} users → postgres`);
    await copyTo(folder, `'${csv}' (FORMAT csv, HEADER false)`);
    const password = encodeURIComponent(superuser.password);
    const uri = `postgres://${superuser.user}:${password}@127.0.0.1:${server.port}/postgres`;
    const first = await loadInto(uri, folder);
    const again = await loadInto(uri, folder);
    const copySeconds = await copyIn(server.port, csv);
    return [
      {
        figure: 'users → postgres ÷ COPY FROM STDIN of a ready CSV',
        measured: first.seconds / copySeconds,
        note: `${first.seconds.toFixed(1)} s`,
      },
      {
        figure: 'users → postgres, the same once more ÷ the first time',
        measured: again.seconds / first.seconds,
        note: `${again.seconds.toFixed(1)} s`,
        ...(!quick && {atMost: 0.7}),
      },
      {
        figure: 'users → postgres, peak memory',
        measured: Math.max(first.peakMb, again.peakMb),
        unit: 'MB',
        atMost: mostMb,
      },
    ];
  } finally {
    await server.stop();
    await rm(csv, {force: true});
  }
}

/** Seconds that DuckDB alone takes to write the table. */
async function copyTo(folder: string, target: string): Promise<number> {
  const instance = await DuckDBInstance.create(join(folder, 'read.duckdb'), {access_mode: 'READ_ONLY'});
  const connection = await instance.connect();
  const start = performance.now();
  await connection.run(`COPY users TO ${target}`);
  const seconds = (performance.now() - start) / 1000;
  connection.closeSync();
  instance.closeSync();
  return seconds;
}

/** Seconds that Postgres takes to copy a file into a new table with the columns of the loaded one. */
async function copyIn(port: number, file: string): Promise<number> {
  const client = new pg.Client({host: '127.0.0.1', port, database: 'postgres', ...superuser});
  await client.connect();
  try {
    await client.query('CREATE TABLE own (LIKE users INCLUDING INDEXES)');
    const start = performance.now();
    await pipeline(createReadStream(file), client.query(copyFrom('COPY own FROM STDIN (FORMAT csv)')));
    return (performance.now() - start) / 1000;
  } finally {
    await client.end();
  }
}
