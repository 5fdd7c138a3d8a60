import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {startEmulator} from '../src/emulator/index.js';
import {isBulk} from '../src/routes.js';
import {tables} from '../tables/index.js';
import {runCli} from './cli/run-cli.js';
import {tableNamed} from './helpers/rehearsal.js';

/** Tables that hold days or moments, one of each area; of those that take a call for each row of another, one. */
const holdsDates = ({columns}: (typeof tables)[number]) =>
  Object.values(columns).some(({kind}) => kind === 'timestamp' || kind === 'date');
const bulk = tables.filter(table => isBulk(table) && holdsDates(table));
const dated = [...new Map(bulk.map(table => [table.area, table])).values(), tableNamed('sessions')];

test('a run in New York holds what a run in UTC holds', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'docebo-zone-'));
  const emulator = await startEmulator({users: 40});
  const load = async (TZ: string) => {
    const out = join(folder, TZ.replace('/', '-'));
    const {exitCode} = await runCli(
      [
        'ingest',
        '--source-table',
        dated.map(({name}) => name).join(','),
        '--dest-uri',
        `jsonl:///${out}`,
        '--no-load-metadata',
        '--state-dir',
        join(folder, 'state'),
      ],
      {
        TZ,
        DOCEBO_BASE_URL: emulator.url,
        DOCEBO_CLIENT_ID: emulator.credentials.clientId,
        DOCEBO_CLIENT_SECRET: emulator.credentials.clientSecret,
      },
    );
    expect(exitCode).toBe(0);
    const files = (await readdir(out)).filter(name => name.endsWith('.jsonl')).sort();
    return Promise.all(files.map(async file => [file, (await readFile(join(out, file), 'utf8')).split('\n').sort()]));
  };
  try {
    const utc = await load('UTC');
    expect(utc).toHaveLength(dated.length);
    expect(await load('America/New_York')).toEqual(utc);
  } finally {
    await emulator.close();
    await rm(folder, {recursive: true});
  }
});
