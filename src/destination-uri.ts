import {resolve, win32} from 'node:path';
import {UsageError} from './errors.js';
import {expandHome} from './local-paths.js';

/** Where a destination is, as data: what `--dest-uri` names, and what a run's record keeps. */
export interface Address {
  readonly scheme: 'duckdb' | 'jsonl';
  /** Absolute, or `:memory:`. */
  readonly path: string;
}

const supported =
  'Supported: duckdb:///file.duckdb (in the current folder), duckdb:////absolute.duckdb, duckdb:///folder/file.duckdb ' +
  '(absolute), duckdb://folder/file.duckdb (relative), and jsonl:// with a folder in the same forms.';

/** `platform` decides what a whole path is: `C:/data` on Windows. */
export function parseDestinationUri(
  uri: string,
  cwd: string = process.cwd(),
  platform: NodeJS.Platform = process.platform,
): Address {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(uri) ?? [];
  if (scheme === undefined) throw new UsageError(`The destination "${uri}" is not a URI`, {hint: supported});
  const known = scheme.toLowerCase();
  if (known !== 'duckdb' && known !== 'jsonl') {
    throw new UsageError(`There is no destination "${scheme}"`, {hint: supported});
  }
  if (/[?#]/.test(rest)) {
    throw new UsageError(`The destination "${known}" takes no options after "?" or "#"`, {
      hint: 'If the path holds such a character, write it as %3F or %23.',
    });
  }
  const path = decode(uri, rest);
  if (known === 'duckdb' && path.replace(/^\//, '') === ':memory:') return {scheme: known, path: ':memory:'};
  const drive = platform === 'win32' ? /^\/*([a-z]:[\\/].*)$/is.exec(path)?.[1] : undefined;
  if (drive !== undefined) return {scheme: known, path: win32.resolve(drive)};
  return {scheme: known, path: locate(uri, path, cwd)};
}

/** Writes a URI that `parseDestinationUri` reads as this address, wherever it is read. */
export function formatDestinationUri({scheme, path}: Address): string {
  if (path === ':memory:') return `${scheme}:///${path}`;
  if (/^[a-z]:\\/i.test(path)) return `${scheme}:///${encodePath(path.replaceAll('\\', '/'))}`;
  const names = path.split('/').slice(1);
  const isPlain = names.length > 1 && !/^(\.\.?|~.*)$/.test(names[0] ?? '');
  // Three slashes and one name would be a file of the current folder.
  return `${scheme}://${isPlain ? '' : '/'}${encodePath(path)}`;
}

function encodePath(path: string): string {
  return path.replaceAll(/[%?#\p{Cc}]/gu, encodeURIComponent);
}

function decode(uri: string, path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new UsageError(`The destination "${uri}" holds a % that encodes nothing`, {
      hint: 'Write a percent sign as %25.',
      cause,
    });
  }
}

/** Three slashes and one name is a file of the current folder, as ingestr and SQLAlchemy read it; more names are a whole path. */
function locate(uri: string, path: string, cwd: string): string {
  const names = path.split('/').filter(name => name !== '');
  const [first] = names;
  if (first === undefined || path.includes('\0')) {
    throw new UsageError(`The destination "${uri}" names no path`, {hint: supported});
  }
  if (first.startsWith('~') && !path.startsWith('//')) return resolve(cwd, expandHome(names.join('/')));
  const isAbsolute = path.startsWith('//') || (path.startsWith('/') && names.length > 1 && !/^\.\.?$/.test(first));
  return isAbsolute ? `/${names.join('/')}` : resolve(cwd, names.join('/'));
}
