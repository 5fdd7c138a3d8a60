import {users} from '../../../tables/users.js';
import {Emulated} from '../emulated.js';
import type {Figure} from '../figure.js';
import {runLibrary} from '../run-library.js';
import {getAll, listPages} from '../warm.js';

const latencyMs = 200;
const parallelism = 8;

/** On a real network waiting is all there is: eight requests in flight must take an eighth of the time. */
export const latency: Figure = {
  name: 'latency',
  async measure({quick, folder, tell}) {
    const [pages, pageSize] = quick ? [240, 50] : [500, 200];
    tell(`${pages} pages at ${latencyMs} ms each`);
    const tenant = {users: pages * pageSize, latencyMs, pageCache: true};
    return Emulated.with(tenant, async emulated => {
      await getAll(emulated, listPages(users, tenant.users, pageSize));
      const {seconds} = await runLibrary(emulated, [users], folder, {parallelism, pageSize});
      const ideal = (pages * latencyMs) / 1000 / parallelism;
      const note = `${seconds.toFixed(1)} s, ideal ${ideal.toFixed(1)} s`;
      return [{figure: `${pages} pages at ${latencyMs} ms ÷ ideal`, measured: seconds / ideal, atMost: 1.25, note}];
    });
  },
};
