/** Measures what README promises about speed, and prints one table. `npm run bench -- --quick` takes under three minutes. */
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {cpus, tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {type BenchOptions, type Figure, formatRows, isReached, type Row} from './figure.js';
import {calls} from './figures/calls.js';
import {destinations} from './figures/destinations.js';
import {emulatorRate} from './figures/emulator-rate.js';
import {ingestr} from './figures/ingestr.js';
import {latency} from './figures/latency.js';
import {memory} from './figures/memory.js';
import {merge} from './figures/merge.js';
import {quota} from './figures/quota.js';
import {smallLists} from './figures/small-lists.js';
import {startUp} from './figures/start-up.js';
import {throughput} from './figures/throughput.js';
import {profileIngest} from './profile.js';

const figures: readonly Figure[] = [
  throughput,
  memory,
  destinations,
  latency,
  quota,
  calls,
  smallLists,
  merge,
  startUp,
  emulatorRate,
  ingestr,
];

const {values: flags} = parseArgs({
  options: {
    quick: {type: 'boolean', default: false},
    only: {type: 'string', multiple: true},
    records: {type: 'string'},
    json: {type: 'string'},
    profile: {type: 'boolean', default: false},
  },
});

const chosen = figures.filter(({name}) => flags.only === undefined || flags.only.includes(name));
if (chosen.length === 0) throw new RangeError(`There are ${figures.map(({name}) => name).join(', ')}.`);

const folder = await mkdtemp(join(tmpdir(), 'docebo-bench-'));
const options: BenchOptions = {
  quick: flags.quick,
  records: Number(flags.records ?? (flags.quick ? 100_000 : 1_000_000)),
  folder,
  tell: text => process.stderr.write(`${text} …\n`),
};
try {
  if (flags.profile) process.stdout.write(await profileIngest(options));
  else await measureAll();
} finally {
  await rm(folder, {recursive: true});
}

async function measureAll(): Promise<void> {
  const start = performance.now();
  const rows: Row[] = [];
  for (const figure of chosen) rows.push(...(await figure.measure(options)));
  const machine = {cpus: cpus().length, model: cpus()[0]?.model, node: process.version};
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(
    `${formatRows(rows)}\n${machine.cpus} × ${machine.model}, Node ${machine.node}, ${seconds.toFixed(0)} s\n`,
  );
  if (flags.json !== undefined) {
    const judged = rows.map(row => ({...row, ok: isReached(row)}));
    await writeFile(flags.json, `${JSON.stringify({...machine, quick: options.quick, rows: judged}, null, 2)}\n`);
  }
  if (rows.some(row => isReached(row) === false)) process.exitCode = 1;
}
