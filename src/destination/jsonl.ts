import {dirname, join} from 'node:path';
import {followLinks} from '../engine/links.js';
import {loadDuckdb} from '../engine/native.js';
import type {Destination, Target} from './destination.js';
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
      // Names that differ in case only are one file to macOS and Windows, whatever the letter.
      refuseSharedTargets(targets, fileName, name => name.toLowerCase());
      for (const target of targets) await checkLinked(join(folder, fileName(target)));
      return notes;
    },
    async publish(loads, options) {
      const {publishToJsonl} = await import('./publish-jsonl.js');
      return publishToJsonl(folder, loads, options);
    },
  };
}

/** A file is written beside where it leads, if it is a link. */
async function checkLinked(file: string): Promise<void> {
  await checkPlace(file);
  const place = await followLinks(file);
  if (place !== file) await checkFolder(dirname(place));
}

export function fileName({schema, name}: Target): string {
  const names = schema === null ? [name] : [schema, name];
  return `${names.map(encode).join('.')}.jsonl`;
}

/** No name leaves the folder, hides its file, or meets the file of another name. */
function encode(name: string): string {
  return name === '' ? '%' : name.replace(/[%/\\\0.\p{Surrogate}]/gu, encodeCharacter);
}

/** A dot stands between schema and table, and nowhere else; of lone surrogates the file system makes one and the same character. */
function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
