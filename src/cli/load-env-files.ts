import {existsSync} from 'node:fs';
import {loadEnvFile} from 'node:process';
import {parseArgs} from 'node:util';
import {UsageError} from '../errors.js';

/** Reads `--env-file` before anything else, so that the file may hold flags (DOCEBO_INGEST_…) as well as credentials. */
export function loadEnvFiles(argv: readonly string[]): void {
  if (process.env['DOCEBO_INGEST_ENV_FILE'] === undefined && !argv.some(arg => arg.startsWith('--env-file'))) return;
  const {values} = parseArgs({
    args: [...argv],
    options: {'env-file': {type: 'string', multiple: true}},
    strict: false,
  });
  const named = values['env-file'] ?? [process.env['DOCEBO_INGEST_ENV_FILE']];
  for (const path of [named].flat()) {
    if (typeof path !== 'string') continue;
    if (!existsSync(path)) throw new UsageError(`--env-file ${path} does not exist.`);
    loadEnvFile(path);
  }
}
