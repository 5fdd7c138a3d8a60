import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {runCli} from '../cli/run-cli.js';
import {normalise} from '../helpers/oracle.js';
import {type Rehearsal, tableNamed} from '../helpers/rehearsal.js';

export type Json = Readonly<Record<string, unknown>>;

export interface Message extends Json {
  readonly type: string;
  readonly stream?: string;
  readonly record?: Json;
  readonly version?: number;
}

/** The settings for a rehearsal's tenant. */
export function configOf({emulator, stateDir}: Pick<Rehearsal, 'emulator' | 'stateDir'>): Json {
  const {clientId, clientSecret} = emulator.credentials;
  return {base_url: emulator.url, client_id: clientId, client_secret: clientSecret, state_dir: stateDir};
}

/** Writes a file of JSON into the folder, and gives its path. */
export async function writeJson(folder: string, name: string, value: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
}

/** A catalog of these streams, each with what the metadata of its columns says. */
export function catalogOf(streams: Readonly<Record<string, Readonly<Record<string, Json>>>>): Json {
  return {
    streams: Object.entries(streams).map(([stream, columns]) => ({
      tap_stream_id: stream,
      stream,
      schema: {},
      metadata: [
        {breadcrumb: [], metadata: {selected: true}},
        ...Object.entries(columns).map(([column, metadata]) => ({breadcrumb: ['properties', column], metadata})),
      ],
    })),
  };
}

interface Tapped {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly messages: readonly Message[];
  /** The value of the last STATE message. */
  readonly state: Json | undefined;
}

/** Runs the tap on these streams, or with this catalog. */
export async function tap(
  rehearsal: Pick<Rehearsal, 'emulator' | 'stateDir' | 'folder'>,
  chosen: readonly string[] | Json | null,
  {config = {}, state, args = []}: {config?: Json; state?: unknown; args?: readonly string[]} = {},
): Promise<Tapped> {
  const {folder} = rehearsal;
  const catalog = Array.isArray(chosen) ? catalogOf(Object.fromEntries(chosen.map(name => [name, {}]))) : chosen;
  const files = [
    ...['--config', await writeJson(folder, 'config.json', {...configOf(rehearsal), ...config})],
    ...(catalog === null ? [] : ['--catalog', await writeJson(folder, 'catalog.json', catalog)]),
    ...(state === undefined ? [] : ['--state', await writeJson(folder, 'state.json', state)]),
  ];
  const outcome = await runCli(['singer', ...files, ...args]);
  const messages: readonly Message[] = outcome.stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));
  const state_ = messages.findLast(({type}) => type === 'STATE')?.['value'];
  return {...outcome, messages, state: state_ as Json | undefined};
}

/** The rows that messages hold, as `Rehearsal.truth` gives them. */
export function rowsIn(messages: readonly Message[], name: string): readonly string[] {
  const rows = messages.flatMap(({type, stream, record}) =>
    type === 'RECORD' && stream === name && record !== undefined ? [record] : [],
  );
  return toRows(name, rows);
}

/** Rows of a table in JSON, as `Rehearsal.truth` gives them. */
export function toRows(name: string, rows: readonly Json[]): readonly string[] {
  const table = tableNamed(name);
  const write = (column: string, value: unknown) => {
    if (value === null || value === undefined) return null;
    const kind = table.columns[column]?.kind;
    if (kind === 'json') return JSON.stringify(value);
    return kind === 'timestamp' ? new Date(String(value)).toISOString() : String(value);
  };
  return rows
    .map(row => Object.fromEntries(Object.keys(table.columns).map(column => [column, write(column, row[column])])))
    .map(row => JSON.stringify(normalise(table, row)))
    .sort();
}
