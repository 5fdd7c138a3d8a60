import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {followLinks} from '../engine/links.js';
import {loadDuckdb} from '../engine/native.js';
import type {Destination} from './destination.js';
import {fileName} from './file-name.js';
import {checkFolder} from './folder.js';
import {checkPlace} from './place.js';
import {refuseSharedTargets} from './targets.js';

export function openJsonl(folder: string): Destination {
  return {
    address: {scheme: 'jsonl', path: folder},
    describe: fileName,
    async check(targets) {
      await loadDuckdb();
      const notes = await checkFolder(folder);
      // On macOS and Windows, names that differ in case only are one file, whatever the letter.
      refuseSharedTargets(targets, fileName, name => name.toLowerCase());
      for (const target of targets) await checkLinked(join(folder, fileName(target)));
      return notes;
    },
    async findStanding(targets) {
      return new Set(targets.filter(target => existsSync(join(folder, fileName(target)))));
    },
    async publish(loads, options) {
      const {publishToJsonl} = await import('./publish-jsonl.js');
      return publishToJsonl(folder, loads, options);
    },
  };
}

/** If the file is a link, it is written beside its target. */
async function checkLinked(file: string): Promise<void> {
  await checkPlace(file);
  const place = await followLinks(file);
  if (place !== file) await checkFolder(dirname(place));
}
