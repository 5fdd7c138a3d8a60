import {resolve} from 'node:path';
import {UsageError} from './errors.js';
import {expandHome} from './local-paths.js';

export function encodePath(path: string): string {
  return path.replaceAll(/[%?#\p{Cc}]/gu, encodeURIComponent);
}

/** Throws UsageError that names `what` was not understood. */
export function decodePath(path: string, what: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new UsageError(`The ${what} holds a % that encodes nothing`, {hint: 'Write a percent sign as %25.', cause});
  }
}

/** Three slashes and one name are a file in the current folder, as for ingestr and SQLAlchemy; more names are an absolute path. Undefined if it names none. */
export function locatePath(path: string, cwd: string): string | undefined {
  const names = path.split('/').filter(name => name !== '');
  const [first] = names;
  if (first === undefined || path.includes('\0')) return undefined;
  if (first.startsWith('~') && !path.startsWith('//')) return resolve(cwd, expandHome(names.join('/')));
  const isAbsolute = path.startsWith('//') || (path.startsWith('/') && names.length > 1 && !/^\.\.?$/.test(first));
  return isAbsolute ? `/${names.join('/')}` : resolve(cwd, names.join('/'));
}
