import {UsageError} from '../errors.js';
import {hide, Secret} from '../secret.js';
import {readSecretFile, refuseControls, tidy} from '../secret-file.js';
import {findProxy, type HttpProxy} from './http/proxy.js';
import {parseSourceUri, type Setting, settingNames} from './uri.js';

export type Credentials =
  | {readonly grant: 'token'; readonly token: Secret}
  | {readonly grant: 'client_credentials'; readonly clientId: string; readonly clientSecret: Secret}
  | {
      readonly grant: 'password';
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly username: string;
      readonly password: Secret;
    }
  | {
      readonly grant: 'refresh_token';
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly refreshToken: Secret;
    }
  /** For signed calls, which need no token. */
  | {readonly grant: 'none'}
  | {readonly grant: 'jwt_bearer'; readonly clientId: string; readonly username: string; readonly privateKey: Secret};

export interface Settings {
  readonly baseUrl: URL;
  readonly credentials: Credentials;
  /** @default none */
  readonly proxy?: HttpProxy | null;
}

export interface SettingsInput {
  readonly sourceUri?: string;
  /**
   * `DOCEBO_BASE_URL`, `DOCEBO_CLIENT_ID` …, each also as `…_FILE`. The URI takes precedence, and the credentials of another tenant than the one
   * that it names are left out. `HTTPS_PROXY` and the like are read too.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly allowHttp: boolean;
  /** Where the user writes settings, for a hint. @default the source URI */
  readonly writtenIn?: string;
  /** Whether base_url alone is enough. @default false */
  readonly mayLackCredentials?: boolean;
}

export const secretSettings = [
  'client_secret',
  'password',
  'refresh_token',
  'token',
] as const satisfies readonly Setting[];

type Given = Partial<Record<Setting, string>>;

/** Throws UsageError that names everything missing at once. */
export async function readSettings(input: SettingsInput): Promise<Settings> {
  return settleSettings(input);
}

/** Like `readSettings`, at once. */
export function settleSettings({
  sourceUri,
  env,
  allowHttp,
  writtenIn = "--source-uri 'docebo://?base_url=…&client_id=…&client_secret=…'",
  mayLackCredentials = false,
}: SettingsInput): Settings {
  const [variables, written] = [readEnvironment(env), sourceUri === undefined ? {} : readUri(sourceUri)];
  // Even those that are not needed: Docebo or a person may confuse them.
  for (const setting of secretSettings) for (const each of [variables, written]) hide(each[setting] ?? '');
  const isOther = namesOtherTenant(variables, written);
  if (isOther && sourceUri === env['DOCEBO_INGEST_SOURCE_URI']) {
    throw new UsageError(
      `DOCEBO_INGEST_SOURCE_URI and DOCEBO_BASE_URL name two tenants: ${hostOf(written)} and ${hostOf(variables)}.`,
      {hint: 'Unset one of them; one may come from a --dotenv file.'},
    );
  }
  const given = {...(isOther ? {} : variables), ...written};
  const isBare = mayLackCredentials && Object.keys(given).every(setting => setting === 'base_url');
  const missing = isBare ? (given.base_url === undefined ? ['base_url'] : []) : missingFrom(given);
  if (missing.length > 0) {
    throw new UsageError(
      `Docebo's credentials are incomplete: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`,
      {
        hint: isOther
          ? `Give them in ${writtenIn}: the variables are those of another tenant, ${hostOf(variables)}.`
          : `Give them in ${writtenIn} or as ${missing.map(environmentName).join(', ')}.`,
      },
    );
  }
  const baseUrl = readBaseUrl(given.base_url ?? '', allowHttp);
  return {baseUrl, credentials: isBare ? {grant: 'none'} : chooseCredentials(given), proxy: findProxy(baseUrl, env)};
}

/** Without a user and a password, which do not belong there. */
function hostOf({base_url: text = ''}: Given): string {
  return parseAddress(text)?.host ?? 'no address';
}

/** A password must not be sent to another tenant than it is for. */
function namesOtherTenant({base_url: one}: Given, {base_url: other}: Given): boolean {
  if (one === undefined || other === undefined) return false;
  return (parseAddress(one)?.href ?? one) !== (parseAddress(other)?.href ?? other);
}

/** Variables without the credentials of another tenant than the one that others name. */
export function leaveOutOtherTenant(
  env: SettingsInput['env'],
  others: Readonly<Record<string, string>>,
): SettingsInput['env'] {
  if (!namesOtherTenant(readEnvironment(env), readEnvironment(others))) return env;
  const ofTenant = new Set(
    settingNames.flatMap(setting => [environmentName(setting), `${environmentName(setting)}_FILE`]),
  );
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ofTenant.has(name)));
}

function environmentName(setting: string): string {
  return `DOCEBO_${setting.toUpperCase()}`;
}

function readUri(uri: string): Given {
  const entries = Object.entries(parseSourceUri(uri)) as [Setting, string][];
  // A blank in a password is there on purpose, since it has to be written as %20.
  return Object.fromEntries(
    entries.map(([setting, value]) => [
      setting,
      setting === 'password' ? refuseControls(value, setting) : tidy(value, setting),
    ]),
  );
}

function readEnvironment(env: SettingsInput['env']): Given {
  const entries = settingNames.map(setting => {
    const name = environmentName(setting);
    const value = env[name] ?? readSecretFile(`${name}_FILE`, env[`${name}_FILE`]);
    const tidied = value === undefined ? '' : tidy(value, env[name] === undefined ? `The file in ${name}_FILE` : name);
    return tidied === '' ? undefined : ([setting, tidied] as const);
  });
  return Object.fromEntries(entries.filter(entry => entry !== undefined));
}

function missingFrom(given: Given): readonly string[] {
  const needed: Setting[] = ['base_url'];
  if (given.token === undefined) {
    needed.push('client_id');
    if (given.private_key_file !== undefined) needed.push('username');
    else needed.push('client_secret');
    if (given.username !== undefined && given.private_key_file === undefined) needed.push('password');
    if (given.password !== undefined) needed.push('username');
  }
  return [...new Set(needed)].filter(setting => given[setting] === undefined);
}

function readBaseUrl(text: string, allowHttp: boolean): URL {
  const url = parseAddress(text);
  if (url === undefined || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new UsageError('base_url is not the address of a Docebo tenant.', {
      hint: 'It looks like https://acme.docebosaas.com, without user, query or fragment.',
    });
  }
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !loopback && !allowHttp) {
    throw new UsageError(`base_url ${url.origin} is not https, so the credentials would travel in the clear.`, {
      hint: 'Use https, or pass --allow-http if you mean it.',
    });
  }
  return url;
}

/** An address, or a host that is written without a scheme. */
function parseAddress(text: string): URL | undefined {
  if (URL.canParse(text) && /^https?:/i.test(text)) return new URL(text);
  return /^[\w.-]+\.[\w.-]+(:\d+)?\/?$/.test(text) ? new URL(`https://${text}`) : undefined;
}

/** Whether a token can stand in a header: with any other every request would fail before it is sent. */
export function isSendable(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}

function refuseUnsendable(token: string): string {
  if (isSendable(token)) return token;
  throw new UsageError('token holds a character that no token has: a blank, or one beyond ASCII.', {
    hint: 'Copy it again.',
  });
}

function chooseCredentials(given: Given): Credentials {
  const {client_id: clientId = '', client_secret: clientSecret = '', username = ''} = given;
  if (given.token !== undefined) return {grant: 'token', token: new Secret(refuseUnsendable(given.token))};
  if (given.private_key_file !== undefined) {
    const privateKey = readSecretFile('private_key_file', given.private_key_file) ?? '';
    return {grant: 'jwt_bearer', clientId, username, privateKey: new Secret(privateKey)};
  }
  const client = {clientId, clientSecret: new Secret(clientSecret)};
  if (given.refresh_token !== undefined)
    return {grant: 'refresh_token', ...client, refreshToken: new Secret(given.refresh_token)};
  if (given.password !== undefined)
    return {grant: 'password', ...client, username, password: new Secret(given.password)};
  return {grant: 'client_credentials', ...client};
}
