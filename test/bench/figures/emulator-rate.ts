import {users} from '../../../tables/users.js';
import {Emulated} from '../emulated.js';
import type {Figure} from '../figure.js';
import {getAll, listPages} from '../warm.js';

/** How fast the emulator itself is: a reader that comes near it measures the emulator. */
export const emulatorRate: Figure = {
  name: 'emulator-rate',
  async measure({records, tell}) {
    tell('the emulator alone');
    return Emulated.with({users: records, pageCache: true}, async emulated => {
      const paths = listPages(users, records);
      const rows = [];
      for (const encoding of ['identity', 'gzip']) {
        await getAll(emulated, paths, encoding);
        const {seconds, bytes} = await getAll(emulated, paths, encoding);
        const note = `${Math.round(bytes / seconds / 1e6)} MB/s`;
        rows.push({figure: `the emulator’s own rate, ${encoding}`, measured: records / seconds, unit: 'rows/s', note});
      }
      return rows;
    });
  },
};
