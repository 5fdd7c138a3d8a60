import {open, readFile, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {crc32} from 'node:zlib';
import {type ManifestLine, recordsName} from './format.js';

export interface Manifest {
  readonly lines: readonly ManifestLine[];
  /** Where the last valid line ends. */
  readonly durableBytes: number;
  /** Whether a line or its records are not what was written. */
  readonly isChanged: boolean;
}

/** How much the manifest's lines describe so far. */
interface Landed {
  readonly page: number;
  readonly records: number;
  readonly bytes: number;
}

/** A line as it is written, sealed by the CRC-32 of its records and its own text. */
export function formatLine(line: ManifestLine, records: Buffer = none): string {
  const text = JSON.stringify(line);
  return `${text.slice(0, -1)},"checksum":${crc32(text, crc32(records))}}\n`;
}

const none = Buffer.alloc(0);

/** Whether a line is as `formatLine` wrote it. */
function isSealed(text: string, records: Buffer): boolean {
  const [, sealed, checksum] = /^(.*),"checksum":(\d+)\}$/s.exec(text) ?? [];
  return sealed !== undefined && crc32(`${sealed}}`, crc32(records)) === Number(checksum);
}

/**
 * Reads the valid lines, up to the first that is not. After them a crash may have left part of a line, a power cut blocks that were never
 * written, or somebody a records file that is shorter than the manifest says. None of that was promised to be durable, so it is asked for
 * again, like anything after a change. `checked` reads all records to find changes.
 */
export async function loadManifest(file: string, {checked = false} = {}): Promise<Manifest> {
  if ((await sizeOf(file)) === 0) return {lines: [], durableBytes: 0, isChanged: false};
  const bytes = await readFile(file);
  // Opened second: records are written before the line that describes them.
  const recordsFile = join(dirname(file), recordsName);
  const recordBytes = await sizeOf(recordsFile);
  const records = checked && recordBytes > 0 ? await open(recordsFile) : undefined;
  const lines: ManifestLine[] = [];
  let durableBytes = 0;
  let isChanged = false;
  let landed: Landed = {page: 0, records: 0, bytes: 0};
  try {
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, durableBytes)) {
      const text = bytes.toString('utf8', durableBytes, end);
      const line = parse(text);
      const next: Landed | undefined = line === undefined ? undefined : advance(landed, line, recordBytes);
      if (line === undefined || next === undefined) break;
      if (checked) {
        const landing = Buffer.allocUnsafe(next.bytes - landed.bytes);
        await records?.read(landing, 0, landing.length, landed.bytes);
        isChanged = !isSealed(text, landing);
        if (isChanged) break;
      }
      landed = next;
      lines.push(line);
      durableBytes = end + 1;
    }
  } finally {
    await records?.close();
  }
  return {lines, durableBytes, isChanged};
}

/** Undefined if the line does not follow from those before it, or describes records that are not there. */
function advance(landed: Landed, line: ManifestLine, recordBytes: number): Landed | undefined {
  switch (line.type) {
    case 'page': {
      const {page, end_offset: bytes} = line;
      const follows = page === landed.page + 1 && bytes >= landed.bytes && bytes <= recordBytes && line.records >= 0;
      return follows ? {page, records: landed.records + line.records, bytes} : undefined;
    }
    case 'complete':
      return line.records === landed.records && line.pages === landed.page ? landed : undefined;
    case 'export':
    case 'tolerated':
    case 'whole':
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
