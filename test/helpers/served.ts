import {mkdtemp, rm} from 'node:fs/promises';
import {createServer, type OutgoingHttpHeaders} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {onTestFinished} from 'vitest';
import type {CastOptions} from '../../src/choices.js';
import {openDestination} from '../../src/destination/open.js';
import {ingest, type Run} from '../../src/ingest.js';
import type {Report} from '../../src/report.js';
import {Secret} from '../../src/secret.js';
import {type DoceboOptions, openDocebo} from '../../src/source/docebo.js';
import {hastyClock} from './hasty-clock.js';
import {tableNamed} from './rehearsal.js';

interface FullReply {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

/** A body, sent with status 200, or a whole reply. What is not there is answered by 404. */
export type Answer = (path: string, query: URLSearchParams) => string | Buffer | FullReply | undefined;

export interface Served {
  readonly url: string;
  readonly folder: string;
  readonly stateDir: string;
  /** Paths and queries of the data calls so far. */
  readonly asked: readonly string[];
  load(names: readonly string[], options?: LoadOptions): Promise<Report>;
  /** What a query of the DuckDB file gives, numbers beyond JavaScript's as text. */
  query(sql: string): Promise<readonly (readonly unknown[])[]>;
}

export interface LoadOptions extends Partial<Omit<Run, 'cast' | 'docebo'>> {
  readonly cast?: Partial<CastOptions>;
  readonly docebo?: DoceboOptions;
}

/** A tenant whose replies are texts, for what no emulator would say. */
export async function serve(answer: Answer): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'docebo-served-'));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'POST') return response.end('{"access_token":"t","expires_in":3600}');
    asked.push(request.url ?? '');
    const {pathname, searchParams} = new URL(request.url ?? '/', 'http://served');
    const reply = answer(pathname, searchParams) ?? {status: 404, body: '{"message":["not here"]}'};
    if (typeof reply === 'string' || Buffer.isBuffer(reply)) return response.end(reply);
    return response.writeHead(reply.status, reply.headers).end(reply.body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await rm(folder, {recursive: true});
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The server has no port.');
  const url = `http://127.0.0.1:${address.port}`;
  const [stateDir, file] = [join(folder, 'state'), join(folder, 'out.duckdb')];
  return {
    url,
    folder,
    stateDir,
    asked,
    query: async sql => query(file, sql),
    load: async (names, {cast, docebo: options, ...run} = {}) => {
      const credentials = {
        grant: 'client_credentials',
        clientId: 'id',
        clientSecret: new Secret('served-s3cret'),
      } as const;
      const docebo = openDocebo(
        {baseUrl: new URL(url), credentials},
        {maxAttempts: 2, clock: hastyClock(), ...options},
      );
      return ingest({
        docebo,
        destination: openDestination(`duckdb:///${file}`, {lockTimeoutMs: 0}),
        loads: names.map(name => ({table: tableNamed(name), target: {schema: null, name}})),
        stateDir,
        allOrNothing: false,
        ...run,
        cast: {
          invalidDates: 'epoch',
          onCastError: 'null',
          schemaContract: 'evolve',
          loadMetadata: false,
          ...cast,
        },
      }).finally(async () => docebo.close());
    },
  };
}

/** What a query of a DuckDB file gives, numbers beyond JavaScript's as text. */
export async function query(file: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  const instance = await DuckDBInstance.create(file, {access_mode: 'READ_ONLY'});
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A list of one page, given as the JSON of its records. */
export function pageOf(...records: readonly string[]): string {
  return `{"data":{"items":[${records.join()}],"total_count":${records.length},"has_more_data":false}}`;
}
