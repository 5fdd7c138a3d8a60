import {spawn} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Report} from '../../src/report.js';
import type {Emulated} from './emulated.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const {bin}: {bin: Record<string, string>} = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
export const cli = join(root, bin['docebo-ingest'] ?? '');
const preload = new URL('write-usage.js', import.meta.url).href;

export interface IngestRun {
  readonly report: Report;
  /** From the start of the process to its end. */
  readonly seconds: number;
  readonly peakMb: number;
}

interface IngestOptions {
  readonly table: string;
  readonly destUri: string;
  readonly folder: string;
  readonly nodeFlags?: readonly string[];
}

/** Runs the built command in its own process. Throws if it does not load the table whole. */
export async function runIngest(
  emulated: Emulated,
  {table, destUri, folder, nodeFlags = []}: IngestOptions,
): Promise<IngestRun> {
  const args = ['ingest', '--source-table', table, '--dest-uri', destUri, '--state-dir', join(folder, 'state')];
  return runCommand(args, {folder, nodeFlags, env: emulated.env});
}

interface CommandOptions {
  readonly folder: string;
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command that gives a report. Throws if that is not a success. */
export async function runCommand(
  args: readonly string[],
  {folder, nodeFlags = [], env = {}}: CommandOptions,
): Promise<IngestRun> {
  const usageFile = join(folder, 'usage.json');
  const start = performance.now();
  const stdout = await runNode([...nodeFlags, '--import', preload, cli, ...args, '--quiet', '--json'], {
    ...env,
    BENCH_USAGE_FILE: usageFile,
  });
  const seconds = (performance.now() - start) / 1000;
  const {peakMb}: {peakMb: number} = JSON.parse(await readFile(usageFile, 'utf8'));
  return {report: JSON.parse(stdout), seconds, peakMb};
}

export async function runNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = spawn(process.execPath, args, {
    env: {PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', NO_COLOR: '1', ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', chunk => {
    stdout += chunk;
  });
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}:\n${stderr}${stdout}`);
  return stdout;
}
