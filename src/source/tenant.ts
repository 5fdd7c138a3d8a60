import {createHash} from 'node:crypto';
import {join} from 'node:path';
import type {Secret} from '../secret.js';
import type {Credentials, Settings} from './settings.js';

/**
 * Whose data it is: the address of the tenant and who signs in, because two users of one tenant see different rows. Written as a query, so that no
 * two have the same text, and without a secret.
 */
export function nameTenant({baseUrl, credentials}: Settings): string {
  const who = new URLSearchParams(nameUser(credentials));
  return `${baseUrl.origin}${baseUrl.pathname.replace(/\/+$/, '')}?${who}`;
}

/** Only Docebo knows whose a token is. Two tokens of one user count as two users, because rows of two users must not be mixed. */
function nameUser(credentials: Credentials): Record<string, string> {
  switch (credentials.grant) {
    case 'token':
      return {token_sha256: fingerprint(credentials.token)};
    case 'none':
      return {};
    case 'client_credentials':
      return {client_id: credentials.clientId};
    case 'refresh_token':
      return {client_id: credentials.clientId, refresh_token_sha256: fingerprint(credentials.refreshToken)};
    case 'password':
    case 'jwt_bearer':
      return {client_id: credentials.clientId, username: credentials.username};
  }
}

/** Distinguishes tokens and gives none away: they are too long to be guessed. */
function fingerprint(secret: Secret): string {
  return createHash('sha256').update(secret.reveal()).digest('hex').slice(0, 12);
}

/** The folder, within the state folder, for what is remembered about a tenant. `tenant` comes from `nameTenant`. */
export function tenantFolder(stateDir: string, tenant: string): string {
  const {host} = new URL(tenant);
  const digest = createHash('sha256').update(tenant).digest('hex').slice(0, 16);
  return join(stateDir, 'tenants', `${host.replaceAll(/[^\w.-]/g, '_')}-${digest}`);
}
