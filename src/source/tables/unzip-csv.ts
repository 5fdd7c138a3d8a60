import {createWriteStream} from 'node:fs';
import {pipeline} from 'node:stream/promises';
import {TransformStream} from 'node:stream/web';
import {TextDecoder} from 'node:util';
import {configure, type FileEntry, Uint8ArrayReader, ZipReader} from '@zip.js/zip.js/lib/zip-core-native.js';
import {DestinationError, IngestError, ResponseError} from '../../errors.js';
import {InvalidBodyError} from '../../json/scanner.js';
import {isSystemError} from '../../local-paths.js';

// The file is written as it comes, so there is nothing for a worker to do.
configure({useWebWorkers: false});

/** A report of ten million rows. The largest ZIP that is accepted could hold much more. */
const mostCsvBytes = 8 * 1024 ** 3;

/** A ZIP that cannot be read, or whose content does not match its checksum. */
export class DamagedZipError extends Error {
  override readonly name = 'DamagedZipError';
}

/** Throws InvalidBodyError, so that it is asked for again, if the reply is not a ZIP. */
export function readZip(body: Buffer): Buffer {
  if (body.toString('latin1', 0, 2) === 'PK') return body;
  throw new InvalidBodyError('a reply that is not a ZIP');
}

/**
 * Writes the one file that a ZIP holds as UTF-8, and returns whether it held invalid characters. Throws DamagedZipError, ResponseError if the
 * ZIP does not hold one file of a possible size, and DestinationError.
 */
export async function unzipCsv(zip: Buffer, file: string, mostBytes = mostCsvBytes): Promise<boolean> {
  const reader = new ZipReader(new Uint8ArrayReader(zip), {checkSignature: true});
  const entries = await reader.getEntries().catch(cause => {
    throw damaged(cause);
  });
  const files = entries.filter(entry => !entry.directory && !entry.filename.startsWith('__MACOSX/'));
  const [only, second] = files;
  if (only === undefined || only.directory || second !== undefined)
    throw new ResponseError(`The ZIP of a report holds ${files.length} files, where one was expected.`);
  return writeText(only, file, mostBytes);
}

async function writeText(entry: FileEntry, file: string, mostBytes: number): Promise<boolean> {
  let wasMended = false;
  let bytes = 0;
  const check = (text: string) => {
    wasMended ||= text.includes('\ufffd');
    return text;
  };
  async function* decode(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
    let decoder: TextDecoder | undefined;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > mostBytes)
        throw new ResponseError(`The file in the ZIP of a report is larger than ${mostBytes} bytes.`);
      decoder ??= new TextDecoder(detectEncoding(chunk));
      yield check(decoder.decode(chunk, {stream: true}));
    }
    yield check(decoder?.decode() ?? '');
  }
  const {readable, writable} = new TransformStream<Uint8Array, Uint8Array>();
  const settled = await Promise.allSettled([
    pipeline(readable, decode, createWriteStream(file, {mode: 0o600})),
    entry.getData(writable, {checkSignature: true}).catch(async cause => {
      // Otherwise whoever reads would wait for ever.
      await writable.abort(cause).catch(() => undefined);
      throw cause;
    }),
  ]);
  const failures = settled.flatMap(result => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length > 0) throw choose(failures);
  return wasMended;
}

/** Which of the failures of reader and writer is the cause of the other. */
function choose(failures: readonly unknown[]): Error {
  const own = failures.find(failure => failure instanceof IngestError);
  if (own instanceof Error) return own;
  const ofDisk = failures.find(isSystemError);
  if (ofDisk !== undefined)
    return new DestinationError(`The file of a report cannot be written: ${ofDisk.message}.`, {
      hint: 'Free some space, or choose another place with --state-dir.',
      cause: ofDisk,
    });
  return damaged(failures[0]);
}

function damaged(cause: unknown): DamagedZipError {
  return new DamagedZipError(`its ZIP is damaged (${cause instanceof Error ? cause.message : String(cause)})`, {cause});
}

/** By the byte order mark, if there is one. */
function detectEncoding([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
