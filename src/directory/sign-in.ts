import {createHash} from 'node:crypto';
import {UsageError} from '../errors.js';
import {hide} from '../secret.js';

export interface SignIn {
  /** As Docebo knows the user. */
  readonly username: string;
  /** The secret of the tab *SSO* in Docebo's *API and SSO* app. */
  readonly ssoSecret: string;
  /** The moment that the URL names. Docebo accepts it for a while only. @default now */
  readonly at?: Date;
  /** `older`: the form of Docebo before it was called so, with the time in seconds. @default 'usual' */
  readonly form?: 'usual' | 'older';
}

/**
 * A URL that signs a user in: whoever has it is that user, so it is a secret. `token` is the MD5 of username, time and secret, joined by commas; the username
 * is hashed as given and sent in lower case (tables/API.md#sign-in-urls). Throws UsageError.
 */
export function signInUrl(baseUrl: string, {username, ssoSecret, at = new Date(), form = 'usual'}: SignIn): string {
  refuseBlank('username', username);
  if (ssoSecret === '') throw new UsageError('ssoSecret is empty.', {hint: "It is the secret of Docebo's SSO tab."});
  refuseBlank('ssoSecret', ssoSecret);
  hide(ssoSecret);
  // The URL has four digits for the year. Milliseconds that were taken for seconds give one of five.
  if (!(at.getUTCFullYear() >= 1970 && at.getUTCFullYear() <= 9999)) throw new UsageError('at is not a valid date.');
  const isOlder = form === 'older';
  const time = isOlder ? String(Math.floor(at.getTime() / 1000)) : at.toISOString().slice(0, 19).replace(/\D/g, '');
  const token = createHash('md5').update(`${username},${time},${ssoSecret}`).digest('hex');
  const page = isOlder ? 'doceboLms/index.php?auth_regen=1' : 'lms/index.php?r=site/sso';
  const query = new URLSearchParams({
    modname: 'login',
    op: 'confirm',
    login_user: isOlder ? username : username.toLowerCase(),
    time,
    token,
  });
  return `${trim(baseUrl)}/${page}&${query}`;
}

/**
 * A URL that signs in by a bearer token, such as one that the JWT-bearer grant gave for a user: a secret as long as the token is valid
 * (tables/API.md#sign-in-urls). Throws UsageError.
 */
export function tokenSignInUrl(
  baseUrl: string,
  {accessToken, expiresInSeconds}: {readonly accessToken: string; readonly expiresInSeconds: number},
): string {
  refuseBlank('accessToken', accessToken);
  hide(accessToken);
  if (!Number.isSafeInteger(expiresInSeconds) || expiresInSeconds < 1)
    throw new UsageError(`expiresInSeconds takes a whole number from 1, not ${expiresInSeconds}.`);
  const parts = {
    type: 'oauth2_response',
    access_token: encodeURIComponent(accessToken),
    expires_in: expiresInSeconds,
    token_type: 'Bearer',
    scope: 'api',
  };
  const joined = Object.entries(parts).map(([name, value]) => `;${name}=${value}`);
  return `${trim(baseUrl)}/learn/mycourses${joined.join('')}`;
}

export function refuseBlank(name: string, value: string): void {
  if (typeof value !== 'string' || value.trim() === '') throw new UsageError(`${name} is empty.`);
  if (/\p{Cc}/u.test(value)) throw new UsageError(`${name} holds a control character.`);
}

function trim(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, '');
}
