import {readFile, stat} from 'node:fs/promises';
import type {ManifestLine} from './format.js';

export interface Manifest {
  readonly lines: readonly ManifestLine[];
  /** Where the last whole line ends: a crash may have left a part of another behind it. */
  readonly durableBytes: number;
}

export async function loadManifest(file: string): Promise<Manifest> {
  const {size} = await stat(file);
  if (size === 0) return {lines: [], durableBytes: 0};
  const bytes = await readFile(file);
  const durableBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines: ManifestLine[] = [];
  for (const text of bytes.toString('utf8', 0, durableBytes).split('\n')) {
    if (text !== '') lines.push(JSON.parse(text));
  }
  return {lines, durableBytes};
}
