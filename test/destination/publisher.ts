import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {onTestFinished} from 'vitest';
import type {Load, PublishOptions} from '../../src/destination/destination.js';
import {publishOptions} from '../engine/spool.js';
import {toExtracted} from './noted.js';

/** What a process is to publish: one set of loads after the other, and then from the first one again. */
interface Work {
  readonly folder: string;
  readonly uri: string;
  readonly sets: readonly (readonly Load[])[];
  /** How many sets are published. */
  readonly rounds: number;
  readonly options?: Partial<PublishOptions>;
  readonly lockTimeoutMs?: number;
  /** The largest file that the process may write, which stands in for a full disk. */
  readonly fileLimitKb?: number;
}

/** What became of a round: of each table the name of its error or null, or the error that was thrown. */
export interface Round {
  readonly errors?: readonly (string | null)[];
  readonly thrown?: {readonly name: string; readonly message: string};
}

const moduleAt = (path: string) => new URL(`../../dist/src/${path}`, import.meta.url).href;

const script = `
  import {readFileSync} from 'node:fs';
  import {openDestination} from '${moduleAt('destination/open.js')}';
  import {openLedger} from '${moduleAt('ledger-rows.js')}';
  import {toLoads} from '${moduleAt('report-tables.js')}';
  const {folder, uri, sets, rounds, options, lockTimeoutMs} = JSON.parse(readFileSync(process.argv[1], 'utf8'));
  for (const {result} of sets.flat()) Object.assign(result.value.spooled, {undeclared: new Map(), exact: new Set(), mended: new Set(), repeated: new Set(), bound: new Set()});
  const destination = openDestination(uri, {cwd: folder, lockTimeoutMs});
  for (let round = 0; round < rounds; round++) {
    const loadId = 'load' + process.pid + '-' + round;
    const set = sets[round % sets.length];
    try {
      const ledger = await openLedger({...options, loadId, startedAt: new Date()}, set, destination);
      const published = await destination.publish(toLoads(set), {...options, loadId, ledger});
      console.log(JSON.stringify({errors: published.map(({error}) => error?.name ?? null)}));
    } catch ({name, message}) {
      console.log(JSON.stringify({thrown: {name, message}}));
    }
  }`;

/** Starts a second process that publishes, with the ledger. It says a line after each round. */
export async function startPublisher({fileLimitKb, ...work}: Work): Promise<ChildProcess> {
  const file = join(work.folder, `work-${Math.random().toString(36).slice(2)}.json`);
  const options = {...publishOptions(work.folder), ...work.options, workDir: `${file}-spill`};
  const sets = work.sets.map(loads => loads.map(toExtracted));
  await writeFile(file, JSON.stringify({lockTimeoutMs: 30_000, ...work, sets, options}));
  const node = [process.execPath, '--input-type=module', '-e', script, file] as const;
  const limit = fileLimitKb === undefined ? '' : `ulimit -f ${fileLimitKb}; `;
  const child = spawn('bash', ['-c', `${limit}exec "$@"`, 'bash', ...node], {stdio: ['ignore', 'pipe', 'inherit']});
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Publishes in a second process, and tells what became of each round. */
export async function publishElsewhere(work: Work): Promise<readonly Round[]> {
  const child = await startPublisher(work);
  const said = child.stdout === null ? '' : await text(child.stdout);
  return said
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line));
}

/** A second process that has opened a file and keeps it. */
export async function holdFile(file: string): Promise<ChildProcess> {
  const code = `
    import {DuckDBInstance} from '@duckdb/node-api';
    const instance = await DuckDBInstance.create(process.argv[1]);
    await instance.connect();
    console.log('held');
    setInterval(() => instance, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code, file], {cwd: process.cwd()});
  onTestFinished(() => void holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  return holder;
}
