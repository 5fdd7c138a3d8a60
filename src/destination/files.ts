import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {FileScheme} from '../destination-uri.js';
import {followLinks} from '../engine/links.js';
import {loadDuckdb} from '../engine/native.js';
import type {Destination, Target} from './destination.js';
import {fileName} from './file-name.js';
import {checkFolder} from './folder.js';
import {checkPlace} from './place.js';
import {refuseLedgerName, refuseSharedTargets} from './targets.js';

/** A folder with one file for each table. */
export function openFiles(scheme: FileScheme, folder: string): Destination {
  const describe = (target: Target) => fileName(target, scheme);
  const findFormat = async () => (await import('./formats/formats.js')).formats[scheme];
  return {
    address: {scheme, path: folder},
    describe,
    async check(targets) {
      await loadDuckdb();
      const notes = await checkFolder(folder);
      refuseLedgerName(targets);
      // On macOS and Windows, names that differ in case only are one file, whatever the letter.
      refuseSharedTargets(targets, describe, name => name.toLowerCase());
      const format = await findFormat();
      for (const target of targets) {
        const file = join(folder, describe(target));
        await checkLinked(file);
        await format.check(file);
      }
      return notes;
    },
    async findStanding(targets) {
      return new Set(targets.filter(target => existsSync(join(folder, describe(target)))));
    },
    async publish(loads, options) {
      const {publishFiles} = await import('./publish-files.js');
      return publishFiles(folder, await findFormat(), loads, options);
    },
    async record(rows, {workDir}) {
      if (!existsSync(folder)) return [];
      const {appendToLedgerFile} = await import('./ledger-file.js');
      return appendToLedgerFile(folder, await findFormat(), rows, workDir);
    },
  };
}

/** If the file is a link, it is written beside its target. */
async function checkLinked(file: string): Promise<void> {
  await checkPlace(file);
  const place = await followLinks(file);
  if (place !== file) await checkFolder(dirname(place));
}
