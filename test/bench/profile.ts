import {readdir, readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {users} from '../../tables/users.js';
import {Emulated} from './emulated.js';
import type {BenchOptions} from './figure.js';
import {runIngest} from './run-ingest.js';
import {getAll, listPages} from './warm.js';

interface Profile {
  readonly nodes: readonly {readonly id: number; readonly callFrame: CallFrame}[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/** Loads users into DuckDB under the profiler and gives the functions that took most time themselves. */
export async function profileIngest({records, folder, tell}: BenchOptions): Promise<string> {
  return Emulated.with({users: records, pageCache: true, gzip: false, cursors: 'absent'}, async emulated => {
    tell('making the records');
    await getAll(emulated, listPages(users, records));
    tell('loading them under the profiler');
    const profiles = join(folder, 'profile');
    const {seconds, peakMb} = await runIngest(emulated, {
      table: users.name,
      destUri: `duckdb://${folder}/out.duckdb`,
      folder,
      nodeFlags: ['--cpu-prof', '--cpu-prof-dir', profiles],
    });
    const [name = ''] = await readdir(profiles);
    const profile: Profile = JSON.parse(await readFile(join(profiles, name), 'utf8'));
    await rm(join(folder, 'out.duckdb'));
    const rate = Math.round(records / seconds).toLocaleString('en');
    return `${records} users in ${seconds.toFixed(2)} s (${rate} rows/s), ${peakMb.toFixed(0)} MB\n\n${formatSelfTimes(profile, 15)}`;
  });
}

function formatSelfTimes({nodes, samples, timeDeltas}: Profile, most: number): string {
  const frames = new Map(nodes.map(({id, callFrame}) => [id, describeFrame(callFrame)]));
  const selfMs = new Map<string, number>();
  let totalMs = 0;
  for (const [index, id] of samples.entries()) {
    const ms = (timeDeltas[index] ?? 0) / 1000;
    const frame = frames.get(id) ?? '?';
    selfMs.set(frame, (selfMs.get(frame) ?? 0) + ms);
    totalMs += ms;
  }
  const top = [...selfMs].sort(([, a], [, b]) => b - a).slice(0, most);
  const lines = top.map(([frame, ms]) => `| ${ms.toFixed(0)} | ${((100 * ms) / totalMs).toFixed(1)} % | ${frame} |`);
  return ['| self ms | share | function |', '|---|---|---|', ...lines, ''].join('\n');
}

function describeFrame({functionName, url, lineNumber}: CallFrame): string {
  const place = url.replace(/^file:\/\//, '').replace(/^.*\/(?=(dist|node_modules)\/)/, '');
  return `${functionName || '(anonymous)'}${place === '' ? '' : ` ${place}:${lineNumber + 1}`}`;
}
