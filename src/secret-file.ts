import {readFileSync} from 'node:fs';
import {UsageError} from './errors.js';
import {expandHome} from './local-paths.js';

/** Reads a secret from the file that a variable names; undefined if it names none. */
export function readSecretFile(name: string, path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    return readFileSync(expandHome(path), 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
    // Without the path: some write the secret itself there.
    throw new UsageError(`${name} names a file that cannot be read${code}.`);
  }
}

/**
 * Removes what editors, shells and copying leave around a value: line ends, blanks, a byte order mark. With them every sign-in would fail. Throws
 * UsageError, which names the setting and does not repeat its value.
 */
export function tidy(value: string, name: string): string {
  return refuseControls(value.replace(/^\ufeff/, '').trim(), name);
}

export function refuseControls(value: string, name: string): string {
  if (!/\p{Cc}/u.test(value)) return value;
  throw new UsageError(`${name} holds a line break or another control character.`, {
    hint: 'Give it again, in one line.',
  });
}
