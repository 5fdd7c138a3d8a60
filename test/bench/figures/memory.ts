import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {users} from '../../../tables/users.js';
import {Emulated} from '../emulated.js';
import type {Figure} from '../figure.js';
import {runIngest} from '../run-ingest.js';
import {getAll, listPages} from '../warm.js';

const records = 5_000_000;
const mostMb = 850;

/** Memory must not grow with the table. Takes minutes, and about 25 GB of disk and memory together. */
export const memory: Figure = {
  name: 'memory',
  async measure({quick, folder, tell}) {
    if (quick) return [];
    return Emulated.with({users: records, pageCache: true, gzip: false}, async emulated => {
      tell(`making ${records} users`);
      await getAll(emulated, listPages(users, records));
      tell(`loading ${records} users`);
      const destUri = `duckdb://${folder}/out.duckdb`;
      const {peakMb, seconds} = await runIngest(emulated, {table: users.name, destUri, folder});
      await rm(join(folder, 'out.duckdb'));
      const note = `${Math.round(records / seconds).toLocaleString('en')} rows/s`;
      return [{figure: '5M users → duckdb, peak memory', measured: peakMb, unit: 'MB', atMost: mostMb, note}];
    });
  },
};
