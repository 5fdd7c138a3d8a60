import {readFile, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {type ManifestLine, recordsName} from './format.js';

export interface Manifest {
  readonly lines: readonly ManifestLine[];
  /** Where the last line ends that holds. */
  readonly durableBytes: number;
}

/** How far the lines of a manifest have come. */
interface Landed {
  readonly page: number;
  readonly records: number;
  readonly bytes: number;
}

/**
 * Reads the lines that hold, which are the first of the file. A crash may have left a part of another behind them, a power cut
 * blocks that were never written, and somebody else a records file that is shorter than the manifest says: what stands after
 * that was not promised to anyone, so it is asked for again.
 */
export async function loadManifest(file: string): Promise<Manifest> {
  if ((await sizeOf(file)) === 0) return {lines: [], durableBytes: 0};
  const bytes = await readFile(file);
  // Read second: records are written before the line that tells of them.
  const recordBytes = await sizeOf(join(dirname(file), recordsName));
  const lines: ManifestLine[] = [];
  let durableBytes = 0;
  let landed: Landed | undefined = {page: 0, records: 0, bytes: 0};
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, durableBytes)) {
    const line = parse(bytes.toString('utf8', durableBytes, end));
    landed = line === undefined ? undefined : advance(landed, line, recordBytes);
    if (line === undefined || landed === undefined) break;
    lines.push(line);
    durableBytes = end + 1;
  }
  return {lines, durableBytes};
}

/** Undefined if the line does not follow from those before it, or tells of records that are not there. */
function advance(landed: Landed, line: ManifestLine, recordBytes: number): Landed | undefined {
  switch (line.type) {
    case 'page': {
      const {page, end_offset: bytes} = line;
      const follows = page === landed.page + 1 && bytes >= landed.bytes && bytes <= recordBytes && line.records >= 0;
      return follows ? {page, records: landed.records + line.records, bytes} : undefined;
    }
    case 'complete':
      return line.records === landed.records && line.pages === landed.page ? landed : undefined;
    case 'tolerated':
      return landed;
    default:
      return undefined;
  }
}

function parse(text: string): ManifestLine | undefined {
  try {
    const line: ManifestLine | null = JSON.parse(text);
    return line ?? undefined;
  } catch {
    return undefined;
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => ({size: 0}))).size;
}
