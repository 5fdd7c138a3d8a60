import {type Figure, median} from '../figure.js';
import {cli, runNode} from '../run-ingest.js';

const commands = {'--help': [cli, '--help'], tables: [cli, 'tables']} as const;

/** How long a command takes that asks nobody, beside Node itself. */
export const startUp: Figure = {
  name: 'start-up',
  async measure({quick, tell}) {
    tell('start-up');
    const rounds = quick ? 7 : 15;
    const times = new Map<string, number[]>();
    // By turns, so that whatever else the machine does falls on all of them.
    for (let i = 0; i < rounds; i += 1) {
      for (const [name, args] of [['node', ['-e', '0']] as const, ...Object.entries(commands)]) {
        const start = performance.now();
        await runNode(args);
        times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
      }
    }
    const typical = (name: string): number => median(times.get(name) ?? []);
    return Object.keys(commands).map(name => ({
      figure: `${name} ÷ node -e 0`,
      measured: typical(name) / typical('node'),
      atMost: 3,
      note: `${typical(name).toFixed(0)} ms, node ${typical('node').toFixed(0)} ms`,
    }));
  },
};
