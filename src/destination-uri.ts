import {win32} from 'node:path';
import {UsageError} from './errors.js';
import {formatLakePlace, isLakeUri, type LakeScheme, parseLakeUri} from './lake-uri.js';
import {formatPostgresPlace, isPostgresUri, parsePostgresUri} from './postgres-uri.js';
import {decodePath, encodePath, locatePath} from './uri-path.js';

/** Formats of which a destination is a folder with one file for each table. */
export const fileSchemes = ['jsonl', 'csv', 'parquet'] as const;

export type FileScheme = (typeof fileSchemes)[number];

const schemes = ['duckdb', ...fileSchemes] as const;

/** The address of a destination, which `--dest-uri` names and a run's record keeps. */
export interface Address {
  /** A protocol, in which messages go to stdout, has no URI that can be read. */
  readonly scheme: (typeof schemes)[number] | 'postgres' | LakeScheme | Protocol;
  /** Absolute, or `:memory:`, or `stdout`. Of Postgres: user, host, port, database and options, never a password. Of a catalog: what `formatLakePlace` gives. */
  readonly path: string;
}

export type Protocol = 'singer' | 'airbyte';

/** Whether the rows go to another program, as messages, rather than into a place that can be looked up later. */
export function isProtocol(scheme: Address['scheme']): scheme is Protocol {
  return scheme === 'singer' || scheme === 'airbyte';
}

const supported =
  'Supported: duckdb:///file.duckdb (in the current folder), duckdb:////absolute.duckdb, duckdb:///folder/file.duckdb ' +
  '(absolute), duckdb://folder/file.duckdb (relative), jsonl://, csv:// and parquet:// with a folder in the same forms, postgres://user@host/database, ducklake:file.ducklake and md:database.';

/** `platform` decides what an absolute path is: `C:/data` on Windows. */
export function parseDestinationUri(
  uri: string,
  cwd: string = process.cwd(),
  platform: NodeJS.Platform = process.platform,
): Address {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(uri) ?? [];
  if (isPostgresUri(uri))
    return {scheme: 'postgres', path: formatPostgresPlace(parsePostgresUri(uri, process.env).place)};
  if (isLakeUri(uri)) {
    const {place} = parseLakeUri(uri, cwd, process.env);
    return {scheme: place.scheme, path: formatLakePlace(place)};
  }
  if (scheme === undefined) throw new UsageError(`The destination "${mask(uri)}" is not a URI`, {hint: supported});
  const known = schemes.find(each => each === scheme.toLowerCase());
  if (known === undefined) {
    throw new UsageError(`There is no destination "${scheme}"`, {hint: supported});
  }
  if (/[?#]/.test(rest)) {
    throw new UsageError(`The destination "${known}" takes no options after "?" or "#"`, {
      hint: 'If the path holds such a character, write it as %3F or %23.',
    });
  }
  const path = decodePath(rest, `destination "${uri}"`);
  if (known === 'duckdb' && path.replace(/^\//, '') === ':memory:') return {scheme: known, path: ':memory:'};
  const drive = platform === 'win32' ? /^\/*([a-z]:[\\/].*)$/is.exec(path)?.[1] : undefined;
  if (drive !== undefined) return {scheme: known, path: win32.resolve(drive)};
  const place = locatePath(path, cwd);
  if (place === undefined) throw new UsageError(`The destination "${uri}" names no path`, {hint: supported});
  return {scheme: known, path: place};
}

/** Writes a URI that `parseDestinationUri` reads as this address, whatever the current folder is. It refuses that of a protocol. */
export function formatDestinationUri({scheme, path}: Address): string {
  if (isProtocol(scheme)) return `${scheme}://${path}`;
  if (scheme === 'postgres') return `postgres://${path}`;
  if (scheme === 'ducklake' || scheme === 'md') return `${scheme}:${path}`;
  if (path === ':memory:') return `${scheme}:///${path}`;
  if (/^[a-z]:\\/i.test(path)) return `${scheme}:///${encodePath(path.replaceAll('\\', '/'))}`;
  const names = path.split('/').slice(1);
  const isPlain = names.length > 1 && !/^(\.\.?|~.*)$/.test(names[0] ?? '');
  // Three slashes and one name would be a file in the current folder.
  return `${scheme}://${isPlain ? '' : '/'}${encodePath(path)}`;
}

/** Hides what may be a password in a URI that was not understood. */
function mask(uri: string): string {
  return uri.replace(/:(?!\/\/).*@/s, ':***@').replace(/(\w*(?:pass|token)\w*\s*=\s*)[^&]*/gi, '$1***');
}
