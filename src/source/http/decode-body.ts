import {promisify} from 'node:util';
import {
  brotliDecompress,
  brotliDecompressSync,
  createInflateRaw,
  gunzip,
  gunzipSync,
  inflate,
  inflateRaw,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import {InvalidBodyError} from '../../json/scanner.js';
import {largeBytes} from './large-replies.js';

/** Zipped bytes that are unzipped at once: a page of 200 records has a tenth of it. */
const mostAtOnce = 512 * 1024;
/** Nothing waits meanwhile, but zlib's default of 16 KB would cut a large body into thousands of pieces. */
const chunkSize = 256 * 1024;

interface DecodeOptions {
  readonly maxOutputLength: number;
  readonly chunkSize?: number;
}

interface Coding {
  readonly decodeSync: (body: Buffer, options: DecodeOptions) => Buffer;
  readonly decode: (body: Buffer, options: DecodeOptions) => Promise<Buffer>;
}

const gzip: Coding = {decodeSync: gunzipSync, decode: promisify<Buffer, DecodeOptions, Buffer>(gunzip)};
const zlib: Coding = {decodeSync: inflateSync, decode: promisify<Buffer, DecodeOptions, Buffer>(inflate)};
const raw: Coding = {decodeSync: inflateRawSync, decode: promisify<Buffer, DecodeOptions, Buffer>(inflateRaw)};
const brotli: Coding = {
  decodeSync: brotliDecompressSync,
  decode: promisify<Buffer, DecodeOptions, Buffer>(brotliDecompress),
};

/** More bytes than a reply may have, zipped or not. */
export class OversizedBodyError extends InvalidBodyError {
  constructor(mostBytes: number) {
    super(`a reply larger than ${mostBytes} bytes`);
  }
}

/**
 * Undoes a Content-Encoding. A body that unzips to more than a few megabytes first waits for its turn (`growLarge`), and is unzipped outside the
 * event loop. Throws InvalidBodyError.
 */
export async function decodeBody(
  body: Buffer,
  encoding: string,
  mostBytes: number,
  growLarge: () => Promise<void>,
): Promise<Buffer> {
  const codings = encoding
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(name => name !== '' && name !== 'identity');
  let decoded = body;
  try {
    for (const name of isGzip(body) && codings.length === 0 ? ['gzip'] : codings.reverse()) {
      if (isDecoded(name, decoded)) continue;
      decoded = await decode(decoded, chooseCoding(name, decoded), mostBytes, growLarge);
    }
  } catch (cause) {
    if (cause instanceof InvalidBodyError) throw cause;
    if (isTooLarge(cause)) throw new OversizedBodyError(mostBytes);
    throw new InvalidBodyError(`a reply that is not the ${encoding} it says it is`, {cause});
  }
  return decoded;
}

async function decode(
  body: Buffer,
  coding: Coding,
  mostBytes: number,
  growLarge: () => Promise<void>,
): Promise<Buffer> {
  try {
    if (body.length <= mostAtOnce) return coding.decodeSync(body, {maxOutputLength: Math.min(mostBytes, largeBytes)});
  } catch (error) {
    if (coding === gzip && !isTooLarge(error)) return gunzipFirst(body, mostBytes, error);
    if (mostBytes <= largeBytes || !isTooLarge(error)) throw error;
  }
  await growLarge();
  return coding.decode(body, {maxOutputLength: mostBytes, chunkSize});
}

/** Unzips a gzip that is followed by something else; RFC 1952 allows only further gzips there. Throws `error` if something else is wrong. */
async function gunzipFirst(body: Buffer, mostBytes: number, error: unknown): Promise<Buffer> {
  const [headerBytes, trailerBytes] = [10, 8];
  const hasPlainHeader = body[3] === 0;
  if (!hasPlainHeader) throw error;
  const inflater = createInflateRaw({chunkSize});
  inflater.end(body.subarray(headerBytes));
  let bytes = 0;
  for await (const chunk of inflater) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new OversizedBodyError(mostBytes);
  }
  const end = headerBytes + inflater.bytesWritten + trailerBytes;
  if (end >= body.length) throw error;
  return gzip.decode(body.subarray(0, end), {maxOutputLength: mostBytes, chunkSize});
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

function chooseCoding(name: string, body: Buffer): Coding {
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return gzip;
    case 'br':
      return brotli;
    case 'deflate':
      return isZlib(body) ? zlib : raw;
    default:
      throw new InvalidBodyError(`a reply in ${name}, which was not asked for`);
  }
}

/** An empty body has nothing to decode, and some proxies unzip a body but leave the reply's header. */
function isDecoded(name: string, body: Buffer): boolean {
  return (
    body.length === 0 || (/^(x-)?gzip$/.test(name) && !isGzip(body) && /^\s*[[{]/.test(body.toString('latin1', 0, 100)))
  );
}

/** JSON never begins like that, so such a body is zipped even if no header says so. */
function isGzip(body: Buffer): boolean {
  return body[0] === 0x1f && body[1] === 0x8b;
}

/** Some servers send raw deflate instead, without zlib's two bytes in front (RFC 1950 §2.2). */
function isZlib(body: Buffer): boolean {
  return body.length > 1 && ((body[0] ?? 0) & 15) === 8 && body.readUInt16BE() % 31 === 0;
}
