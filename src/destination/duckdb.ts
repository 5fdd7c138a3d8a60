import {constants} from 'node:fs';
import {access, open, stat} from 'node:fs/promises';
import {dirname} from 'node:path';
import {foldCase} from '../engine/fold-case.js';
import {followLinks} from '../engine/links.js';
import {loadDuckdb} from '../engine/native.js';
import {isOpenHere} from '../engine/turns.js';
import {DestinationError} from '../errors.js';
import type {Destination, Target} from './destination.js';
import {checkFolder} from './folder.js';
import {refuseLedgerName, refuseReserved, refuseSharedTargets, refuseUnnameable} from './targets.js';

interface DuckdbOptions {
  readonly lockTimeoutMs: number;
}

export function openDuckdb(file: string, options: DuckdbOptions): Destination {
  return {
    address: {scheme: 'duckdb', path: file},
    describe,
    async check(targets) {
      await loadDuckdb();
      refuseUnnameable(targets);
      refuseLedgerName(targets);
      refuseReserved(targets);
      refuseSharedTargets(targets, describe, foldCase);
      if (file === ':memory:') return [];
      const notes = await checkFolder(dirname(await followLinks(file)));
      await checkFile(file);
      return notes;
    },
    async findStanding(targets) {
      const {listNames} = await import('./publish-duckdb.js');
      const names = await listNames(file);
      if (names === null) return new Set(targets);
      const there = new Set(names.map(foldCase));
      return new Set(targets.filter(target => there.has(foldCase(describe(target)))));
    },
    async publish(loads, publishOptions) {
      const {publishToDuckdb} = await import('./publish-duckdb.js');
      return publishToDuckdb(file, loads, {...publishOptions, ...options});
    },
    async record(rows, recordOptions) {
      const {recordInDuckdb} = await import('./publish-duckdb.js');
      return recordInDuckdb(file, rows, {...recordOptions, ...options});
    },
  };
}

function describe({schema, name}: Target): string {
  return `${schema ?? 'main'}.${name}`;
}

/** Reads the header only: opening the file would take its lock. */
async function checkFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return;
  if (found.isDirectory()) throw new DestinationError(`${file} is a folder, not a DuckDB file`);
  try {
    await access(file, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw new DestinationError(`${file} may not be written by this user`, {cause});
  }
  if (await isOpenHere(file)) return;
  const handle = await open(file, 'r');
  try {
    const {buffer} = await handle.read(Buffer.alloc(4), 0, 4, 8);
    if (buffer.toString('latin1') === 'DUCK') return;
  } finally {
    await handle.close();
  }
  throw new DestinationError(`${file} exists, but it is not a DuckDB file`, {
    hint: 'Name another file, or move this one away.',
  });
}
