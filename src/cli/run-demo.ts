import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {tables} from '../../tables/index.js';
import {openDestination} from '../destination/open.js';
import {startEmulator} from '../emulator/emulator.js';
import {readSettings} from '../source/settings.js';
import {answerQuestions} from './demo-questions.js';
import {print} from './print.js';
import {tellReport} from './print-report.js';
import {runIngest} from './run-ingest.js';
import {writeSourceUri} from './source-uri.js';

const file = 'docebo-demo.duckdb';

interface DemoOptions {
  readonly users: number;
  readonly seed: number;
  readonly progress?: 'interactive' | 'log' | 'json' | undefined;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** The whole way from an API to answers, without a tenant: emulator, ingest, SQL. */
export async function runDemo({users, seed, ...display}: DemoOptions): Promise<void> {
  const emulator = await startEmulator({users, seed, port: 0});
  const stateDir = await mkdtemp(join(tmpdir(), 'docebo-demo-'));
  try {
    const settings = await readSettings({sourceUri: writeSourceUri(emulator), env: {}, allowHttp: true});
    const report = await runIngest(
      {settings, options: {}, display},
      {
        destination: openDestination(`duckdb:///${file}`, {lockTimeoutMs: 10_000}),
        loads: tables.map(table => ({table, target: {schema: null, name: table.name}})),
        cast: {invalidDates: 'epoch', onCastError: 'null', schemaContract: 'evolve', loadMetadata: true},
        stateDir,
        allOrNothing: false,
      },
    );
    // The records are gone when it ends.
    await tellReport({...report, resumable: false}, {json: false, ...display, stateDir, command: 'ingest'});
    await print(`\n${await answerQuestions(file, stateDir)}\n${nextSteps}`);
  } finally {
    await emulator.close();
    await rm(stateDir, {recursive: true, force: true});
  }
}

const nextSteps = `The rows are in ${file}: ask it anything with duckdb ${file}

Against your own tenant, type:

  export DOCEBO_BASE_URL=https://acme.docebosaas.com DOCEBO_CLIENT_ID=… DOCEBO_CLIENT_SECRET=…
  docebo-ingest check
  docebo-ingest ingest --source-table all --dest-uri duckdb:///docebo.duckdb --dest-table docebo
`;
