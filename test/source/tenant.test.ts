import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/secret.js';
import type {Credentials} from '../../src/source/settings.js';
import {nameTenant, tenantFolder} from '../../src/source/tenant.js';

const secret = new Secret('5ecret-5ecret-5ecret');
const clientSecret = new Secret('client-secret');
const byClient: Credentials = {grant: 'client_credentials', clientId: 'a', clientSecret};
const name = (credentials: Credentials, baseUrl = 'https://acme.docebosaas.com') =>
  nameTenant({baseUrl: new URL(baseUrl), credentials});

describe('a tenant is named by', () => {
  test('its address and who signs in', () => {
    expect(name(byClient)).toBe('https://acme.docebosaas.com?client_id=a');
    expect(name(byClient, 'https://ACME.docebosaas.com:443/x/')).toBe('https://acme.docebosaas.com/x?client_id=a');
  });

  test('what nobody else has, and no secret', () => {
    const byPassword = (clientId: string, username: string): Credentials => ({
      grant: 'password',
      clientId,
      clientSecret,
      username,
      password: secret,
    });
    const names = [
      name(byClient),
      name(byClient, 'https://acme.docebosaas.com/a'),
      name(byClient, 'http://acme.docebosaas.com'),
      name(byPassword('a', 'jane')),
      name(byPassword('a', 'joe')),
      name(byPassword('a&username=jane', '')),
      name({grant: 'token', token: secret}),
      name({grant: 'token', token: new Secret('another')}),
      name({grant: 'refresh_token', clientId: 'a', clientSecret, refreshToken: secret}),
      name({grant: 'refresh_token', clientId: 'a', clientSecret, refreshToken: new Secret('another')}),
    ];
    expect(new Set(names).size).toBe(names.length);
    const folders = names.map(each => tenantFolder('state', each));
    expect(new Set(folders).size).toBe(names.length);
    for (const folder of folders) expect(folder).toMatch(/^state\/tenants\/acme\.docebosaas\.com-[0-9a-f]{16}$/);
    expect(names.join()).not.toMatch(/secret|another/);
  });

  test('the same words whichever secret goes with them', () => {
    expect(name({...byClient, clientSecret: new Secret('renewed')})).toBe(name(byClient));
  });
});
