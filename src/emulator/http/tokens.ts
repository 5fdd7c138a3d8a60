import {createHash} from 'node:crypto';
import {json, type Reply} from './reply.js';
import type {TokenRequest} from './token-request.js';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly username: string;
  readonly password: string;
}

export interface Tokens {
  grant(request: TokenRequest): Reply;
  accepts(authorization: string | undefined): boolean;
  /** Ends the token. */
  end(authorization: string | undefined): void;
}

interface TokenOptions {
  seed: number;
  credentials: Credentials;
  lifetimeSeconds: number;
  now: () => number;
}

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export function createTokens({seed, credentials, lifetimeSeconds, now}: TokenOptions): Tokens {
  const expiries = new Map<string, number>();
  const refreshTokens = new Set<string>();
  let issued = 0;

  /** 40 hex digits (tables/API.md#tokens), made from a counter, so that the same run gives the same tokens. */
  const makeToken = (): string => {
    issued += 1;
    return createHash('sha1').update(`${seed}:${issued}`).digest('hex');
  };
  const issue = (withRefresh: boolean): Reply => {
    const accessToken = makeToken();
    expiries.set(accessToken, now() + lifetimeSeconds * 1000);
    const refreshToken = withRefresh ? makeToken() : undefined;
    if (refreshToken !== undefined) refreshTokens.add(refreshToken);
    return json({
      access_token: accessToken,
      expires_in: lifetimeSeconds,
      token_type: 'Bearer',
      scope: 'api',
      ...(refreshToken !== undefined && {refresh_token: refreshToken}),
    });
  };

  return {
    grant(request) {
      const grant = request['grant_type'];
      if (grant === jwtBearer) {
        // Checks only the shape, because the emulator has no key of an app. The reply has no refresh token (tables/API.md#grants).
        return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(request['assertion'] ?? '') ? issue(false) : refuse('invalid_grant');
      }
      if (request['client_id'] !== credentials.clientId || request['client_secret'] !== credentials.clientSecret) {
        return refuse('invalid_client');
      }
      switch (grant) {
        case 'client_credentials':
          return issue(false);
        case 'password':
          return request['username'] === credentials.username && request['password'] === credentials.password
            ? issue(true)
            : refuse('invalid_grant');
        case 'refresh_token':
          return refreshTokens.delete(request['refresh_token'] ?? '')
            ? issue(true)
            : refuse('invalid_grant', 'Invalid refresh token');
        default:
          return refuse('unsupported_grant_type');
      }
    },
    end(authorization) {
      expiries.delete(readBearer(authorization) ?? '');
    },
    accepts(authorization) {
      const token = readBearer(authorization);
      return token !== undefined && (expiries.get(token) ?? 0) > now();
    },
  };
}

function readBearer(authorization: string | undefined): string | undefined {
  return /^Bearer ([0-9a-f]{40})$/i.exec(authorization ?? '')?.[1];
}

const texts = {
  invalid_client: 'The client credentials are invalid',
  invalid_grant: 'Invalid username and password combination',
  unsupported_grant_type: 'Grant type not supported',
};

/** Status and member names are known, the texts are those of the likely library (tables/API.md#token-errors). */
function refuse(error: keyof typeof texts, description: string = texts[error]): Reply {
  return json({error, error_description: description}, 400);
}
