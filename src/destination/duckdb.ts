import {dirname} from 'node:path';
import {foldCase} from '../engine/fold-case.js';
import {followLinks} from '../engine/links.js';
import {loadDuckdb} from '../engine/native.js';
import {checkFile} from './check-file.js';
import type {Destination, Target} from './destination.js';
import {checkFolder} from './folder.js';
import {findNamed, refuseLedgerName, refuseReserved, refuseSharedTargets, refuseUnnameable} from './targets.js';

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
      return findNamed(targets, describe, names);
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
