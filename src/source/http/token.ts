import {importPKCS8, SignJWT} from 'jose';
import {CredentialsError, SignInError} from '../../errors.js';
import {isObject} from '../../json/members.js';
import {hide, Secret} from '../../secret.js';
import {isSendable, type Settings} from '../settings.js';
import type {Clock} from './budget.js';
import {judge} from './policy.js';
import type {Reply, Transport} from './transport.js';

/** A token is renewed this long before it expires, so that none expires while a request is in flight. */
const renewalMarginMs = 60_000;
/** tables/API.md#tokens: 3600 if the reply does not say. */
const defaultLifetimeSeconds = 3600;
const jwtLifetimeSeconds = 300;
/** Any other failure, such as a redirect or a 404, says something about the address and not about the credentials. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403]);

interface Token {
  readonly secret: Secret;
  readonly renewAtMs: number;
}

/** The token endpoint is in trouble or asks for quiet, which says nothing about the credentials. */
export class TokenSetback extends Error {
  override readonly name = 'TokenSetback';

  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`the token request was answered with ${reply.status}`);
    this.reply = reply;
  }
}

/** Holds the one bearer token of a run. However many requests wait for it, one renewal is in flight. */
export class TokenKeeper {
  readonly #settings: Settings;
  readonly #transport: Transport;
  readonly #clock: Clock;
  #refreshToken: Secret | undefined;
  #current: Token | undefined;
  #renewal: Promise<Token> | undefined;
  #refusal: CredentialsError | undefined;
  readonly #served = new WeakSet<Secret>();
  /** Whether Docebo served any request. */
  haveServed = false;
  #trial: Promise<void> | undefined;
  #requests = 0;
  /** If so, the address is Docebo's, and a page of HTML means maintenance. */
  #hasSignedIn = false;

  constructor(settings: Settings, transport: Transport, clock: Clock) {
    this.#settings = settings;
    this.#transport = transport;
    this.#clock = clock;
    const {credentials} = settings;
    if (credentials.grant === 'token') this.#current = {secret: credentials.token, renewAtMs: Number.POSITIVE_INFINITY};
    if (credentials.grant === 'refresh_token') this.#refreshToken = credentials.refreshToken;
  }

  /** Token calls made so far. */
  get requests(): number {
    return this.#requests;
  }

  /** The bearer token in use, renewed if it is about to expire. Throws CredentialsError, or TokenSetback if asking again may help. */
  async current(): Promise<Secret> {
    return this.#fetch();
  }

  /** Forgets the token: the next call signs in anew. Returns it; undefined if there is none. */
  forget(): Secret | undefined {
    const token = this.#current?.secret;
    this.#current = undefined;
    return token;
  }

  /** Waits for a token that is being asked for, whatever becomes of it. */
  async settled(): Promise<void> {
    const renewal = this.#renewal;
    await renewal?.then(
      token => {
        this.#current = token;
      },
      () => undefined,
    );
  }

  /** Whether a new token can be had once the one in use is gone. */
  get isRenewable(): boolean {
    return !['token', 'none'].includes(this.#settings.credentials.grant);
  }

  /**
   * Makes a call with a token, and again with another token as long as the old one is what is refused (401). A token that has served a request was
   * good and has expired early, because it was revoked or another program signed in. A fresh token is tried by a single call while all others wait:
   * however soon it expires, its first use shows whether it was good. So a 401 that this returns is not the token's fault. `wait` is called before
   * each further call. Throws CredentialsError.
   */
  async use<O extends {readonly status?: number}>(
    call: (token: Secret) => Promise<O>,
    wait: () => Promise<void>,
  ): Promise<O> {
    for (let isAgain = false; ; isAgain = true) {
      while (this.#trial !== undefined) await this.#trial;
      if (isAgain) await wait();
      const token = await this.#fetch();
      const outcome = await call(token);
      if (outcome.status !== 401) {
        this.#noteServed(token);
        return outcome;
      }
      if (this.#settings.credentials.grant === 'token') {
        throw new CredentialsError('Docebo refused the token (401).', {
          status: 401,
          hint: 'A ready token cannot be renewed: get a new one, or give client_id and client_secret instead.',
        });
      }
      // Other requests that used the same token are refused after the first one. For them another token is on its way.
      if (this.#current?.secret !== token) continue;
      const trial = this.#tryFresh(call, wait, this.#served.has(token) ? 0 : 1);
      this.#trial = Promise.allSettled([trial]).then(() => {
        this.#trial = undefined;
      });
      return trial;
    }
  }

  /** `refused`: how many fresh tokens were refused in a row. A token may expire at once, but not twice in a row. */
  async #tryFresh<O extends {readonly status?: number}>(
    call: (token: Secret) => Promise<O>,
    wait: () => Promise<void>,
    refused: number,
  ): Promise<O> {
    this.#current = undefined;
    await wait();
    const token = await this.#fetch();
    const outcome = await call(token);
    if (outcome.status !== 401) this.#noteServed(token);
    else if (refused === 0) return this.#tryFresh(call, wait, 1);
    else this.#current = undefined;
    if (!this.haveServed)
      this.#refusal = new CredentialsError('Docebo refuses a fresh token (401), as before.', {status: 401});
    return outcome;
  }

  #noteServed(token: Secret): void {
    this.#served.add(token);
    this.haveServed = true;
  }

  /** Throws CredentialsError with what Docebo said, or TokenSetback if asking again may help. */
  async #fetch(): Promise<Secret> {
    if (this.#current !== undefined && this.#clock.now() < this.#current.renewAtMs) return this.#current.secret;
    // What was refused once would be refused again for every table.
    if (this.#refusal !== undefined) throw this.#refusal;
    this.#renewal ??= this.#requestToken().finally(() => {
      this.#renewal = undefined;
    });
    try {
      this.#current = await this.#renewal;
    } catch (error) {
      if (error instanceof CredentialsError) this.#refusal = error;
      throw error;
    }
    return this.#current.secret;
  }

  async #requestToken(): Promise<Token> {
    if (this.#settings.credentials.grant === 'none')
      throw new CredentialsError('Without credentials only signed calls can be made.', {
        hint: 'Give client_id and client_secret, or a token.',
      });
    if (!this.isRenewable)
      throw new CredentialsError('The token was ended.', {
        hint: 'A ready token cannot be renewed: get a new one, or give client_id and client_secret instead.',
      });
    this.#requests++;
    const form = new URLSearchParams(await this.#grantFields());
    const answer = await this.#transport.postForm('/oauth2/token', form);
    const {status, body} = answer;
    if (judge(status) === 'retry') throw new TokenSetback(answer);
    const reply = parseObject(body);
    if (reply === undefined)
      throw this.#hasSignedIn ? new TokenSetback(answer) : this.#notDocebo(status, 'JSON object');
    const {access_token: token, expires_in: lifetime, refresh_token: refreshToken} = reply;
    for (const issued of [token, refreshToken]) if (typeof issued === 'string') hide(issued);
    if (judge(status) !== 'accept' && !refusals.has(status)) throw this.#notDocebo(status, 'token');
    if (judge(status) !== 'accept' || typeof token !== 'string') throw refused(status, reply);
    if (!isSendable(token)) throw new SignInError('Docebo sent a token that cannot stand in a header.');
    if (typeof refreshToken === 'string' && this.#refreshToken !== undefined)
      this.#refreshToken = new Secret(refreshToken);
    const seconds = Number(lifetime);
    const lifetimeMs = (seconds > 0 ? seconds : defaultLifetimeSeconds) * 1000;
    this.#hasSignedIn = true;
    return {
      secret: new Secret(token),
      renewAtMs: this.#clock.now() + lifetimeMs - Math.min(renewalMarginMs, lifetimeMs / 10),
    };
  }

  async #grantFields(): Promise<Record<string, string>> {
    const {credentials, baseUrl} = this.#settings;
    switch (credentials.grant) {
      case 'token':
      case 'none':
        return {};
      case 'client_credentials':
        return {grant_type: 'client_credentials', scope: 'api', ...client(credentials)};
      case 'password':
        return {
          grant_type: 'password',
          scope: 'api',
          ...client(credentials),
          username: credentials.username,
          password: credentials.password.reveal(),
        };
      case 'refresh_token':
        return {
          grant_type: 'refresh_token',
          ...client(credentials),
          refresh_token: (this.#refreshToken ?? credentials.refreshToken).reveal(),
        };
      case 'jwt_bearer':
        return {
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          scope: 'api',
          assertion: (await signAssertion(credentials, baseUrl, (this.#clock.wall ?? this.#clock.now)())).reveal(),
        };
    }
  }

  #notDocebo(status: number, missing: string): SignInError {
    const {baseUrl} = this.#settings;
    return new SignInError(`${baseUrl.origin} answered the token request with ${status} and no ${missing}.`, {
      hint: doubtAddress(baseUrl, status),
    });
  }
}

function doubtAddress({protocol, pathname}: URL, status: number): string {
  // nginx and Apache answer like this to plain HTTP on a port for TLS.
  if (protocol === 'http:' && status === 400) return 'base_url begins with http: should it begin with https?';
  return pathname === '/'
    ? 'Is base_url the address of a Docebo tenant? A maintenance page looks like this as well.'
    : `base_url has a path, ${pathname}: the address of a tenant has none, unless a proxy serves it there.`;
}

function client({clientId, clientSecret}: {clientId: string; clientSecret: Secret}) {
  return {client_id: clientId, client_secret: clientSecret.reveal()};
}

/** Claims as in tables/API.md#grants: iss = client id, sub = user, aud = host without scheme. */
async function signAssertion(
  {clientId, username, privateKey}: {clientId: string; username: string; privateKey: Secret},
  baseUrl: URL,
  nowMs: number,
): Promise<Secret> {
  const now = Math.floor(nowMs / 1000);
  try {
    const key = await importPKCS8(privateKey.reveal(), 'RS256');
    const assertion = await new SignJWT()
      .setProtectedHeader({alg: 'RS256', typ: 'JWT'})
      .setIssuer(clientId)
      .setSubject(username)
      .setAudience(baseUrl.host)
      .setIssuedAt(now)
      .setExpirationTime(now + jwtLifetimeSeconds)
      .sign(key);
    return new Secret(assertion);
  } catch {
    // The cause is left out: a parser's message could quote the key.
    throw new CredentialsError('private_key_file does not hold a PKCS #8 RSA key in PEM form.', {
      hint: 'Convert it with: openssl pkcs8 -topk8 -nocrypt -in key.pem -out key.pk8.pem',
    });
  }
}

function refused(status: number, reply: Record<string, unknown>): CredentialsError {
  // The token endpoint was sent every secret. Only the code and plain words of its answer are repeated, because no spelling of a secret looks like
  // those.
  const {error, error_description: description} = reply;
  const code = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? [error] : [];
  const words =
    typeof description === 'string' && /^(\p{L}{1,20}[ ,.;:'()-]{0,3}){1,40}$/u.test(description) ? [description] : [];
  const said = [...code, ...words].join(': ');
  const [named, described] = [code[0], words[0]];
  return new CredentialsError(`Docebo refused the credentials (${status})${said === '' ? '' : `: ${said}`}.`, {
    hint: 'Check client id, secret, user and password, and that the OAuth app allows this grant.',
    status,
    ...(named !== undefined && {error: named}),
    ...(described !== undefined && {errorDescription: described}),
  });
}

function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    return isObject(parsed) ? {...parsed} : undefined;
  } catch {
    return undefined;
  }
}
