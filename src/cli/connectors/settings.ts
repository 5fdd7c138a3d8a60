import type {Options} from 'yargs';
import {secretSettings} from '../../source/settings.js';
import {type Setting, settingNames} from '../../source/uri.js';
import {ingestOptions} from '../options/command-options.js';

/** The flags of ingest that a config may set. What is read and where it goes is up to the protocol. */
const flags = [
  'max-requests-per-hour',
  'extract-parallelism',
  'page-size',
  'max-page-bytes',
  'connect-timeout',
  'request-timeout',
  'idle-timeout',
  'allow-http',
  'drift-retries',
  'incremental-strategy',
  'lookback',
  'max-age',
  'audit',
  'full-refresh',
  'schema-contract',
  'custom-fields',
  'invalid-dates',
  'on-cast-error',
  'load-metadata',
  'publish',
  'max-shrink',
  'allow-empty',
  'allow-older',
  'allow-route-change',
  'accept',
  'deadline',
  'keep-runs',
  'state-dir',
] as const satisfies readonly (keyof typeof ingestOptions)[];

export const configOptions = Object.fromEntries(flags.map(flag => [flag, ingestOptions[flag]])) as Pick<
  typeof ingestOptions,
  (typeof flags)[number]
>;

/** A setting of a config as JSON Schema, with what forms and lists of settings show of it. */
export interface ConfigProperty {
  readonly type: 'string' | 'integer' | 'boolean' | 'array';
  readonly items?: {readonly type: 'string'};
  readonly title: string;
  readonly description: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly isSecret: boolean;
}

const credentials: Readonly<Record<Setting, readonly [title: string, description: string]>> = {
  base_url: ['Base URL', 'The address of the tenant, such as https://acme.docebosaas.com.'],
  client_id: ['Client ID', "Client id of the app that an administrator made in Docebo's API and SSO."],
  client_secret: ['Client secret', 'Client secret of that app.'],
  username: ['User name', 'The user whose rights apply, with a password or a private key.'],
  password: ['Password', 'Password of that user.'],
  refresh_token: ['Refresh token', 'A refresh token, instead of a password.'],
  private_key_file: ['Private key file', 'File that holds the RSA key (PKCS #8, PEM) with which a JWT is signed.'],
  token: ['Token', 'A ready token, which cannot be renewed.'],
};

/** All that a config may hold, by name. */
export const configProperties: Readonly<Record<string, ConfigProperty>> = {
  ...Object.fromEntries(settingNames.map(name => [name, describeCredential(name)])),
  ...Object.fromEntries(Object.entries(configOptions).map(([flag, option]) => [nameOf(flag), describe(flag, option)])),
};

/** The name in a config of what a flag sets. */
export function nameOf(flag: string): string {
  return flag.replaceAll('-', '_');
}

function describeCredential(name: Setting): ConfigProperty {
  const [title, description] = credentials[name];
  return {type: 'string', title, description, isSecret: secretSettings.some(secret => secret === name)};
}

function describe(flag: string, {type, choices, description = '', default: value}: Options): ConfigProperty {
  const words = flag.replaceAll('-', ' ');
  return {
    ...typeOf(type),
    title: `${words[0]?.toUpperCase()}${words.slice(1)}`,
    description: inConfig(description, () => true),
    ...(choices !== undefined && {enum: [choices].flat().map(String)}),
    ...(value !== undefined && {default: value}),
    isSecret: false,
  };
}

function isConfigFlag(flag: string): boolean {
  return flags.some(name => name === flag);
}

/** A sentence about flags as a sentence about settings. What a command is told beside its config keeps the dashes. */
export function inConfig(sentence: string, isSetting = isConfigFlag): string {
  return sentence
    .replaceAll(/--no-([a-z-]+)/g, (given, flag: string) => (isSetting(flag) ? `${nameOf(flag)}: false` : given))
    .replaceAll(/--([a-z-]+)( \d+)?/g, (given, flag: string, value: string | undefined) => {
      if (!isSetting(flag)) return given;
      return value === undefined ? nameOf(flag) : `${nameOf(flag)}:${value}`;
    });
}

function typeOf(type: Options['type']): Pick<ConfigProperty, 'type' | 'items'> {
  if (type === 'number') return {type: 'integer'};
  if (type === 'array') return {type: 'array', items: {type: 'string'}};
  return {type: type === 'boolean' ? 'boolean' : 'string'};
}
