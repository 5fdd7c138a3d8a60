import {fileURLToPath} from 'node:url';
import {Emulated} from '../emulated.js';
import {type Figure, median} from '../figure.js';
import {runIngest, runNode} from '../run-ingest.js';

/** As many learners as give the tenant some 400 courses, each with a list of its own. */
const users = 8000;
const table = 'course_learning_objects';
const bare = fileURLToPath(new URL('../bare-requests.js', import.meta.url));
const duckdb = "require('@duckdb/node-api').DuckDBInstance.create(':memory:').then(each => each.connect())";

/** What a run of many small lists takes beside what nobody can do without: Node, the same requests, and loading DuckDB. */
export const smallLists: Figure = {
  name: 'small-lists',
  async measure({quick, folder, tell}) {
    tell('400 small lists');
    return Emulated.with({users, pageCache: true}, async emulated => {
      const times = {ours: [] as number[], node: [] as number[], requests: [] as number[], duckdb: [] as number[]};
      const peaks: number[] = [];
      const time = async (into: number[], work: () => Promise<unknown>) => {
        const start = performance.now();
        await work();
        into.push((performance.now() - start) / 1000);
      };
      let requests = 0;
      // The first round warms the emulator up.
      for (let round = 0; round <= (quick ? 3 : 7); round++) {
        const into = round === 0 ? {ours: [], node: [], requests: [], duckdb: []} : times;
        await time(into.ours, async () => {
          const run = await runIngest(emulated, {table, folder, destUri: `duckdb:///${folder}/small-lists.duckdb`});
          requests = run.report.requests;
          if (round > 0) peaks.push(run.peakMb);
        });
        const paths = (await emulated.requests()).slice(-requests).map(({path}) => path);
        await time(into.node, async () => runNode(['-e', '0']));
        await time(into.requests, async () => runNode([bare], {...emulated.env, BENCH_PATHS: JSON.stringify(paths)}));
        await time(into.duckdb, async () => runNode(['-e', duckdb]));
      }
      const node = median(times.node);
      const needed = median(times.requests) + median(times.duckdb) - node;
      const note =
        `${median(times.ours).toFixed(2)} s for ${requests} requests; bare requests ${(median(times.requests) - node).toFixed(2)} s, ` +
        `DuckDB ${(median(times.duckdb) - node).toFixed(2)} s, node ${node.toFixed(2)} s`;
      return [
        {
          figure: '400 small lists ÷ node, bare requests and DuckDB',
          measured: median(times.ours) / needed,
          atMost: 1.2,
          note,
        },
        {figure: '400 small lists, peak memory', measured: median(peaks), unit: 'MB', atMost: 120},
      ];
    });
  },
};
