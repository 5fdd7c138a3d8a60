import {constants} from 'node:fs';
import {type FileHandle, open, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {DestinationError, messageOf} from '../errors.js';
import {makeFolder} from '../local-paths.js';
import {manifestName, recordsName} from './format.js';
import {LandedBefore} from './landed-before.js';

/** The two files of one table's landing zone, open for writing. Errors of the file system become DestinationErrors that name the folder. */
export class SpoolFiles {
  readonly folder: string;
  #records: FileHandle;
  readonly #manifest: FileHandle;

  private constructor(folder: string, records: FileHandle, manifest: FileHandle) {
    this.folder = folder;
    this.#records = records;
    this.#manifest = manifest;
  }

  /**
   * Opens the files with all that is durable in them, and cuts off what a crash left half written. `keepsDerived`: whether records that were derived are
   * kept; otherwise the files are emptied if they hold any.
   */
  static async open(folder: string, keepsDerived: boolean): Promise<{files: SpoolFiles; before: LandedBefore}> {
    try {
      makeFolder(folder);
      const records = await open(join(folder, recordsName), constants.O_RDWR | constants.O_CREAT, 0o600);
      const manifest = await open(join(folder, manifestName), 'a', 0o600);
      try {
        const landed = await LandedBefore.read(join(folder, manifestName));
        const before = landed.isDerived && !keepsDerived ? LandedBefore.nothing : landed;
        await cutTo(manifest, before.manifestBytes);
        await cutTo(records, before.recordBytes);
        return {files: new SpoolFiles(folder, records, manifest), before};
      } catch (cause) {
        await Promise.allSettled([records.close(), manifest.close()]);
        throw cause;
      }
    } catch (cause) {
      throw explain(cause, folder);
    }
  }

  get recordsFile(): string {
    return join(this.folder, recordsName);
  }

  get manifestFile(): string {
    return join(this.folder, manifestName);
  }

  /** Removes all that has landed. */
  async empty(): Promise<LandedBefore> {
    try {
      // The manifest first: what it does not describe does not count.
      await this.#manifest.truncate(0);
      if ((await this.#records.stat()).nlink > 1) await this.#replaceRecords();
      else await this.#records.truncate(0);
      return LandedBefore.nothing;
    } catch (cause) {
      throw explain(cause, this.folder);
    }
  }

  /** The records are a base too, which keeps its own (bases.ts). */
  async #replaceRecords(): Promise<void> {
    await this.#records.close();
    await rm(this.recordsFile);
    this.#records = await open(this.recordsFile, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  async readRecords(start: number, end: number): Promise<Buffer> {
    const bytes = Buffer.alloc(end - start);
    await this.#records.read(bytes, 0, bytes.length, start);
    return bytes;
  }

  /** Resolves once the records are durable, and after them the lines that tell of them. */
  async write(records: readonly Buffer[], offset: number, lines: string): Promise<void> {
    try {
      await this.#writeRecords(records, offset);
      await this.#records.datasync();
      await this.append(lines);
    } catch (cause) {
      throw explain(cause, this.folder);
    }
  }

  /** A disk that fills up may write part of the bytes without an error. */
  async #writeRecords(buffers: readonly Buffer[], offset: number): Promise<void> {
    const bytes = buffers.reduce((sum, {length}) => sum + length, 0);
    if (bytes === 0) return;
    // At its offset, not the handle's position, so that it overwrites what an earlier try wrote.
    const {bytesWritten} = await this.#records.writev(buffers, offset);
    if (bytesWritten !== bytes) throw new ShortWrite(`only ${bytesWritten} of ${bytes} bytes could be written`);
  }

  /** Resolves once the lines are durable in the manifest. */
  async append(lines: string): Promise<void> {
    try {
      await this.#manifest.appendFile(lines);
      await this.#manifest.datasync();
    } catch (cause) {
      throw explain(cause, this.folder);
    }
  }

  async close(): Promise<void> {
    await this.#records.close();
    await this.#manifest.close();
  }
}

class ShortWrite extends Error {}

async function cutTo(file: FileHandle, bytes: number): Promise<void> {
  const {size} = await file.stat();
  if (size > bytes) await file.truncate(bytes);
}

/** Turns an error of the file system into a DestinationError; any other error stays as it is. */
function explain(cause: unknown, folder: string): unknown {
  if (
    !(cause instanceof Error && ('code' in cause || cause instanceof ShortWrite)) ||
    cause instanceof DestinationError
  )
    return cause;
  return new DestinationError(`The spool in ${folder} cannot be written: ${messageOf(cause)}.`, {
    cause,
    hint: 'Free some space, or choose another place with --state-dir.',
  });
}
