import {describe, expect, it} from 'vitest';
import {Secret, signInUrl, signLegacy, tokenSignInUrl, UsageError} from '../../src/directory/index.js';
import {redact} from '../../src/secret.js';

/**
 * Worked out by hand, each line with nothing but the standard tools:
 *   printf '%s' 'ann@example.com,Ann,s3cret' | sha1sum
 *   printf '%s' 'k3y:<that>' | base64 -w0
 */
const vectors = [
  {
    values: ['ann@example.com', 'Ann'],
    signature: 'azN5OmFlM2JhNzg2NzYxZmYzYWZiMDdhNmY5Y2U2MDU1MmViMGFiMzBhZjE=',
  },
  // Without values the hashed text begins with the comma: printf '%s' ',s3cret' | sha1sum
  {values: [], signature: 'azN5OmQ4MDU5NDEyZTU1ZWY0NDMxM2IxNTlhNWI4MTEwMGNiMzk0YTY1ZGY='},
  // In the order sent, and UTF-8: printf '%s' 'Zoë,a,1,s3cret' | sha1sum
  {values: ['Zoë', 'a', '1'], signature: 'azN5OjhlMmJhY2M2ZTZhNWYwMmZlNTE4ZWU0Y2FmNTQxN2NhMDU0ODMyNmM='},
] as const;

const credentials = {key: new Secret('k3y'), secret: new Secret('s3cret')};

describe('the signature of the legacy API', () => {
  it.each(vectors)('of $values is $signature', ({values, signature}) => {
    expect(signLegacy(values, credentials)).toBe(`Docebo ${signature}`);
    expect(signLegacy(values, {...credentials, hasPrefix: false})).toBe(signature);
  });

  it('depends on the order', () => {
    expect(signLegacy(['a', 'b'], credentials)).not.toBe(signLegacy(['b', 'a'], credentials));
  });
});

describe('a sign-in URL', () => {
  const at = new Date('2026-03-04T05:06:07.890Z');

  it('names the user in lower case, the moment in UTC, and the MD5 of both', () => {
    // printf '%s' 'Ann@Example.com,20260304050607,sso-s3cret' | md5sum
    expect(signInUrl('https://acme.example/', {username: 'Ann@Example.com', ssoSecret: 'sso-s3cret', at})).toBe(
      'https://acme.example/lms/index.php?r=site/sso&modname=login&op=confirm&login_user=ann%40example.com&time=20260304050607&token=488a6ffe30d4e10b17dd5c0d1f7a790c',
    );
  });

  it('of the older form has the time in seconds and the name as it is', () => {
    // printf '%s' 'Ann@Example.com,1772600767,sso-s3cret' | md5sum
    expect(
      signInUrl('https://acme.example', {username: 'Ann@Example.com', ssoSecret: 'sso-s3cret', at, form: 'older'}),
    ).toBe(
      'https://acme.example/doceboLms/index.php?auth_regen=1&modname=login&op=confirm&login_user=Ann%40Example.com&time=1772600767&token=2b60b9442c6f26c64809ac14c79ff7ae',
    );
  });

  it('by a token is that of the later platform', () => {
    expect(tokenSignInUrl('https://acme.example', {accessToken: 'a1/b2', expiresInSeconds: 3600})).toBe(
      'https://acme.example/learn/mycourses;type=oauth2_response;access_token=a1%2Fb2;expires_in=3600;token_type=Bearer;scope=api',
    );
  });

  it.each([
    [{username: ' ', ssoSecret: 's'}, 'username is empty.'],
    [{username: 'ann', ssoSecret: ''}, 'ssoSecret is empty.'],
    [{username: 'an\nn', ssoSecret: 's'}, 'username holds a control character.'],
    [{username: 'ann', ssoSecret: 's', at: new Date('x')}, 'at is not a valid date.'],
    [{username: 'ann', ssoSecret: 's', at: new Date(1.8e15)}, 'at is not a valid date.'],
  ])('is refused for %j', (signIn, message) => {
    expect(() => signInUrl('https://acme.example', signIn)).toThrow(message);
    expect(() => signInUrl('https://acme.example', signIn)).toThrow(UsageError);
  });

  it('is refused for a token that has no time', () => {
    expect(() => tokenSignInUrl('https://x', {accessToken: 'a', expiresInSeconds: Number.NaN})).toThrow('not NaN');
  });

  it('hides its secret from then on', () => {
    signInUrl('https://x', {username: 'ann', ssoSecret: 'h1dden-sso-secret'});
    expect(redact('it is h1dden-sso-secret')).toBe('it is ***');
  });
});
