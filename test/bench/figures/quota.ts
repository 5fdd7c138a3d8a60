import {join} from 'node:path';
import {users} from '../../../tables/users.js';
import {Emulated} from '../emulated.js';
import type {BenchOptions, Figure, Row} from '../figure.js';
import {runLibrary} from '../run-library.js';
import {createScaledClock} from '../scaled-clock.js';

const quotaPerHour = 1000;
const pageSize = 20;

/** The published limit decides how long a load takes: it must be used up, and hardly ever overrun. */
export const quota: Figure = {
  name: 'quota',
  async measure(options) {
    const told = await measureQuota('the limit told', {maxRequestsPerHour: quotaPerHour}, options);
    // A quick hour is so short that the calls themselves take longer: nobody is refused.
    return options.quick ? told : [...told, ...(await measureQuota('Retry-After alone', {}, options))];
  },
};

async function measureQuota(
  way: string,
  limits: {maxRequestsPerHour?: number},
  {quick, folder, tell}: BenchOptions,
): Promise<readonly Row[]> {
  const calls = quick ? 1500 : 3000;
  const hourSeconds = quick ? 4 : 20;
  const scale = 3600 / hourSeconds;
  const startMs = Date.now();
  tell(`${calls} calls at ${quotaPerHour} an hour of ${hourSeconds} s, ${way}`);
  return Emulated.with({users: calls * pageSize, quotaPerHour, clock: {startMs, scale}}, async emulated => {
    const {seconds} = await runLibrary(emulated, [users], folder, {
      pageSize,
      clock: createScaledClock(startMs, scale),
      stateDir: join(folder, `calls-${way.length}`),
      ...limits,
    });
    const asked = (await emulated.requests()).filter(({method}) => method === 'GET');
    const refused = asked.filter(({status}) => status === 429).length;
    const hours = seconds / hourSeconds;
    const figure = `${calls} calls at ${quotaPerHour}/h, ${way}`;
    return [
      {
        figure: `${figure}: wall ÷ (calls ÷ quota)`,
        measured: hours / (calls / quotaPerHour),
        atMost: 1.1,
        // The bucket is empty at first: an hour's calls pass at once.
        note: `${hours.toFixed(2)} h, least ${(calls / quotaPerHour - 1).toFixed(2)} h`,
      },
      {
        figure: `${figure}: 429s ÷ calls`,
        measured: refused / asked.length,
        note: `${refused}`,
        // Who was not told the limit can only find it by running into it.
        ...(limits.maxRequestsPerHour !== undefined && {atMost: 0.01}),
      },
    ];
  });
}
