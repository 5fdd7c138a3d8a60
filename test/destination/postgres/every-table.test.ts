import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {writeSourceUri} from '../../../src/cli/commands/source-uri.js';
import {startEmulator} from '../../../src/emulator/index.js';
import {tables} from '../../../tables/index.js';
import {runCli} from '../../cli/run-cli.js';
import {findObstacle, useServer} from '../../helpers/postgres.js';

const moment = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|\+00:00)$/;

/** A row with its keys in order, in which a moment has one form. */
function normalise(row: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(row).map(([key, value]): [string, unknown] => [
    key,
    typeof value === 'string' && moment.test(value) ? new Date(value).toISOString() : sortKeys(value),
  ]);
  return JSON.stringify(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}

describe.skipIf(findObstacle() !== undefined)('every table', () => {
  const server = useServer();

  test('holds in Postgres what it holds as JSON lines, and is not written a second time', {
    timeout: 240_000,
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'docebo-every-table-'));
    const emulator = await startEmulator({users: 20});
    try {
      const state = ['--state-dir', join(folder, 'state')];
      const source = ['--source-uri', writeSourceUri(emulator), '--source-table', 'all'];
      const lines = await runCli(['ingest', ...source, '--dest-uri', 'jsonl://out', ...state], {}, folder);
      expect(lines.exitCode).toBe(0);
      const database = await server.createDatabase();
      const load = async () =>
        runCli(['load', 'last', '--dest-uri', server.uriOf(database), ...state, '--json'], {}, folder);
      const {exitCode, stdout} = await load();
      expect(exitCode).toBe(0);
      const names: string[] = JSON.parse(stdout).tables.map(({table}: {table: string}) => table);
      expect(names.length).toBe(tables.length);
      const marks = names.map(name => `SELECT '${name}', xmin::text, ctid::text FROM ${name}`).join(' UNION ALL ');
      const written = await server.query(database, marks);
      for (const name of names) {
        const text = await readFile(join(folder, 'out', `${name}.jsonl`), 'utf8');
        const expected = text
          .split('\n')
          .filter(line => line !== '')
          .map(line => normalise(JSON.parse(line)));
        const rows = await server.query(database, `SET TimeZone = 'UTC'`, `SELECT to_jsonb(t) FROM "${name}" t`);
        const found = rows.map(([row]) => normalise(Object(row)));
        expect(found.sort(), name).toEqual(expected.sort());
      }
      expect((await load()).exitCode).toBe(0);
      expect(await server.query(database, marks)).toEqual(written);
    } finally {
      await emulator.close();
      await rm(folder, {recursive: true});
    }
  });
});
