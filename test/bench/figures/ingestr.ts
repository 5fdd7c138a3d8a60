import {execFile} from 'node:child_process';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {users} from '../../../tables/users.js';
import {Emulated} from '../emulated.js';
import type {Figure} from '../figure.js';
import {runIngest} from '../run-ingest.js';
import {getAll, listPages} from '../warm.js';

const run = promisify(execFile);
const figure = 'users → duckdb: our rows/s ÷ ingestr’s';

/** The same load by the program whose protocol we speak, where it is installed. */
export const ingestr: Figure = {
  name: 'ingestr',
  async measure({records, folder, tell}) {
    const found = await run('ingestr', ['--version']).catch(() => undefined);
    if (found === undefined) return [{figure, measured: null, note: 'ingestr is not on PATH'}];
    tell('ingestr');
    return Emulated.with({users: records, pageCache: true}, async emulated => {
      await getAll(emulated, listPages(users, records));
      const ours = await runIngest(emulated, {table: users.name, destUri: `duckdb://${folder}/out.duckdb`, folder});
      const {clientId, clientSecret} = emulated.credentials;
      const source = new URLSearchParams({base_url: emulated.url, client_id: clientId, client_secret: clientSecret});
      const start = performance.now();
      const args = ['--source-uri', `docebo://?${source}`, '--source-table', users.name];
      const to = ['--dest-uri', `duckdb:///${folder}/theirs.duckdb`, '--dest-table', 'dest.users', '--yes'];
      await run('ingestr', ['ingest', ...args, ...to], {maxBuffer: 1e9});
      const theirs = (performance.now() - start) / 1000;
      for (const file of ['out.duckdb', 'theirs.duckdb']) await rm(join(folder, file), {force: true});
      return [{figure, measured: theirs / ours.seconds, note: `${ours.seconds.toFixed(1)} s, ${theirs.toFixed(1)} s`}];
    });
  },
};
