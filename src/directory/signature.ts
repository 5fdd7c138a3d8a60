import {createHash} from 'node:crypto';
import type {Secret} from '../secret.js';

/** The key pair of the legacy API, as the tab *Legacy API* of Docebo's *API and SSO* app shows it. */
export interface LegacyCredentials {
  readonly key: Secret;
  readonly secret: Secret;
  /** Whether the word `Docebo` stands before the signature. Clients send both (tables/API.md#legacy-api). @default true */
  readonly hasPrefix?: boolean;
}

/**
 * The value of `X-Authorization` for these values in the order in which they are sent: base64 of the key, a colon, and the SHA-1 in hexadecimal of the
 * values and the secret, joined by commas (tables/API.md#legacy-api). Without values the hashed text begins with the comma.
 */
export function signLegacy(values: readonly string[], {key, secret, hasPrefix = true}: LegacyCredentials): string {
  const digest = createHash('sha1')
    .update(`${values.join(',')},${secret.reveal()}`)
    .digest('hex');
  const signature = Buffer.from(`${key.reveal()}:${digest}`).toString('base64');
  return hasPrefix ? `Docebo ${signature}` : signature;
}
