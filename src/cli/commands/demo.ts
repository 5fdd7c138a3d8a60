import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {tables} from '../../../tables/index.js';
import {openDestination} from '../../destination/open.js';
import {startEmulator} from '../../emulator/emulator.js';
import {ingest} from '../../ingest.js';
import {readSettings} from '../../source/settings.js';
import type {Args, demoOptions} from '../options/command-options.js';
import {print} from '../printing/print.js';
import {tellReport} from '../printing/print-report.js';
import {withDocebo} from '../progress/with-docebo.js';
import {answerQuestions} from './demo-answers.js';
import {writeSourceUri} from './source-uri.js';

const file = 'docebo-demo.duckdb';

/** The whole way from an API to answers, without a tenant: emulator, ingest, SQL. */
export async function runDemo(args: Args<typeof demoOptions>): Promise<void> {
  const {users, seed, progress, quiet = false, debug = false} = args;
  const display = {progress, quiet, debug};
  const emulator = await startEmulator({users, seed, port: 0});
  const stateDir = await mkdtemp(join(tmpdir(), 'docebo-demo-'));
  try {
    const settings = await readSettings({sourceUri: writeSourceUri(emulator), env: {}, allowHttp: true});
    const run = {
      destination: openDestination(`duckdb:///${file}`, {lockTimeoutMs: 10_000}),
      loads: tables.map(table => ({table, target: {schema: null, name: table.name}})),
      stateDir,
    };
    const report = await withDocebo({settings, options: {}, display}, 'publish', async docebo =>
      ingest({docebo, ...run}),
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
  docebo-ingest ingest --source-table all --dest-uri duckdb:///lms.duckdb --dest-table docebo
`;
