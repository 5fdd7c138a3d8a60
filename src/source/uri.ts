import {UsageError} from '../errors.js';

export const settingNames = [
  'base_url',
  'client_id',
  'client_secret',
  'username',
  'password',
  'refresh_token',
  'private_key_file',
  'token',
] as const;

export type Setting = (typeof settingNames)[number];

const example = 'docebo://?base_url=https://acme.docebosaas.com&client_id=…&client_secret=…';

/**
 * Reads `docebo://?base_url=…&client_id=…`. The query is form-encoded, as ingestr reads it: `%2B` is a plus sign, `+` a space.
 * An empty value counts as left out. Throws UsageError, which never repeats a value: it may be a secret.
 */
export function parseSourceUri(uri: string): Partial<Record<Setting, string>> {
  const match = /^docebo:\/\/([^?#]*)(?:\?([^#]*))?$/is.exec(uri.trim());
  if (match === null) throw new UsageError('--source-uri is not a docebo:// URI.', {hint: `It looks like ${example}.`});
  const [, host = '', query = ''] = match;
  if (host !== '' && host !== '/') {
    throw new UsageError('--source-uri names a host before the question mark.', {
      hint: `The tenant goes into base_url: ${example}.`,
    });
  }
  return readParameters(query);
}

function readParameters(query: string): Partial<Record<Setting, string>> {
  if (/%(?![0-9a-f]{2})/i.test(query)) {
    throw new UsageError('--source-uri holds a % that is not followed by two hexadecimal digits.', {
      hint: 'Write a percent sign in a secret as %25, & as %26, # as %23 and + as %2B.',
    });
  }
  const settings: Partial<Record<Setting, string>> = {};
  const seen = new Set<Setting>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (!isSetting(name)) {
      // Not named: it may be the rest of a secret whose & was not encoded.
      const before = [...seen].at(-1);
      throw new UsageError(
        `--source-uri has an unknown parameter ${before === undefined ? 'first' : `after ${before}`}.`,
        {
          hint: `Known are ${settingNames.join(', ')}. An & inside a secret is written as %26.`,
        },
      );
    }
    if (seen.has(name)) throw new UsageError(`--source-uri gives ${name} more than once.`);
    seen.add(name);
    if (value !== '') settings[name] = value;
  }
  return settings;
}

function isSetting(name: string): name is Setting {
  return settingNames.some(setting => setting === name);
}
