import {tables} from '../../../tables/index.js';
import {Emulated} from '../emulated.js';
import type {Figure} from '../figure.js';
import {runLibrary} from '../run-library.js';

const tenantUsers = 20_000;

/** Calls are what a load costs: no more than the data needs. */
export const calls: Figure = {
  name: 'calls',
  async measure({folder, tell}) {
    tell(`all tables at ${tenantUsers} users`);
    return Emulated.with({users: tenantUsers}, async emulated => {
      const {report, seconds} = await runLibrary(emulated, tables, folder);
      const asked = (await emulated.requests()).filter(({method}) => method === 'GET').length;
      const least = await emulated.expectedCalls();
      const rows = report.tables.reduce((sum, table) => sum + table.rows, 0);
      return [
        {
          figure: `all tables at ${tenantUsers} users: requests ÷ least`,
          measured: asked / least,
          atMost: 1.02,
          note: `${asked} for ${rows} rows in ${seconds.toFixed(1)} s, least ${least}`,
        },
      ];
    });
  },
};
