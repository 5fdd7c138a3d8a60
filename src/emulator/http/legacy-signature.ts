import {createHash} from 'node:crypto';

export interface LegacyCredentials {
  readonly key: string;
  readonly secret: string;
  readonly ssoSecret: string;
}

/** Whether `X-Authorization` signs the values of a form in the order in which the body holds them (tables/API.md#legacy-api). The word before it may be missing. */
export function isSigned(header: string | undefined, body: string, {key, secret}: LegacyCredentials): boolean {
  const [, encoded = ''] = /^(?:Docebo )?(\S+)$/.exec(header ?? '') ?? [];
  const said = Buffer.from(encoded, 'base64').toString();
  const hash = createHash('sha1');
  let isFirst = true;
  for (const value of new URLSearchParams(body).values()) {
    hash.update(isFirst ? value : `,${value}`);
    isFirst = false;
  }
  return said === `${key}:${hash.update(`,${secret}`).digest('hex')}`;
}

/** Whether a sign-in URL is signed: the MD5 of the username, as the user has it or in lower case, the time and the secret (tables/API.md#sign-in-urls). */
export function isSignIn(query: URLSearchParams, username: string, {ssoSecret}: LegacyCredentials): boolean {
  return [username, username.toLowerCase()].some(
    name =>
      createHash('md5')
        .update([name, query.get('time'), ssoSecret].join())
        .digest('hex') === query.get('token'),
  );
}
