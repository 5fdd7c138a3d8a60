import {existsSync} from 'node:fs';
import {loadEnvFile} from 'node:process';
import {UsageError} from '../errors.js';

/** Reads `--env-file` before the environment is looked at, so that the file may hold flags (DOCEBO_INGEST_…) as well as credentials. */
export function loadEnvFiles(given: readonly string[]): void {
  const named = process.env['DOCEBO_INGEST_ENV_FILE'] ?? '';
  const files = given.length > 0 ? given : named === '' ? [] : [named];
  for (const file of files) {
    if (!existsSync(file)) throw new UsageError(`--env-file ${file} does not exist.`);
    loadEnvFile(file);
  }
}
