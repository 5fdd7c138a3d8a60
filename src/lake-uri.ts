import {resolve} from 'node:path';
import {UsageError} from './errors.js';
import {expandHome} from './local-paths.js';
import {
  formatPostgresPlace,
  isPostgresUri,
  type PostgresPlace,
  type PostgresUri,
  parseConnectionString,
  parsePostgresUri,
} from './postgres-uri.js';
import {Secret} from './secret.js';
import {decodePath, encodePath, locatePath} from './uri-path.js';

export type LakeScheme = LakePlace['scheme'];

/** A catalog that DuckDB attaches by one of its extensions. */
export type LakePlace = DuckLakePlace | {readonly scheme: 'md'; readonly database: string};

export interface DuckLakePlace {
  readonly scheme: 'ducklake';
  /** A file of DuckDB, or a database of Postgres. */
  readonly catalog: string | PostgresPlace;
  /** Where the rows are, absolute or a URL, with a slash at its end. @default as the catalog says */
  readonly dataPath: string | null;
}

type Env = Readonly<Record<string, string | undefined>>;

const supported =
  'It looks like ducklake:file.ducklake, ducklake:postgres://user@host/database?data_path=s3://bucket/lake/, ' +
  'ducklake:postgres:dbname=… host=…?data_path=…, or md:database.';

export function isLakeUri(uri: string): boolean {
  return /^(ducklake|md):/i.test(uri);
}

/** Reads a URI of DuckLake or MotherDuck. No error quotes it, since it may hold a password. */
export function parseLakeUri(
  uri: string,
  cwd: string,
  env: Env,
): {readonly place: LakePlace; readonly password: Secret | null} {
  const [, scheme = '', given = ''] = /^(ducklake|md):(.*)$/is.exec(uri) ?? [];
  if (scheme.toLowerCase() === 'md') return parseMotherduck(given);
  // Other tools put slashes before the kind of a catalog. Taken for a path, it would keep a password.
  const rest = given.replace(/^[\s/]+(?=(postgres|sqlite|mysql|motherduck|md)(ql)?:)/i, '');
  const kind = /^(postgres|sqlite|mysql|motherduck|md)(ql)?:/i.exec(rest)?.[1]?.toLowerCase();
  if (kind === undefined) return {place: parseFile(rest, cwd), password: null};
  if (kind !== 'postgres') {
    throw new UsageError(`A DuckLake whose catalog is in ${kind} cannot be written`, {hint: supported});
  }
  return parsePostgres(rest, cwd, env);
}

/** What follows `ducklake:` or `md:`, without a password. `parseLakeUri` reads it as the same place. */
export function formatLakePlace(place: LakePlace): string {
  if (place.scheme === 'md') return encodeURIComponent(place.database);
  const {catalog, dataPath} = place;
  const path = typeof catalog === 'string' ? encodePath(catalog) : `postgres://${formatPostgresPlace(catalog)}`;
  if (dataPath === null) return path;
  return `${path}${path.includes('?') ? '&' : '?'}data_path=${encodePath(dataPath).replaceAll('&', '%26')}`;
}

function parseMotherduck(rest: string): {readonly place: LakePlace; readonly password: Secret | null} {
  const [, name = '', query = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(rest) ?? [];
  const given = readOptions(query, ['motherduck_token'], false);
  const database = decodePath(name.replace(/^\/\//, ''), 'name of the database');
  if (database === '' || /\p{Cc}/u.test(database)) {
    throw new UsageError('The destination names no database of MotherDuck', {hint: 'It looks like md:database.'});
  }
  const token = given.get('motherduck_token') ?? '';
  return {place: {scheme: 'md', database}, password: token === '' ? null : new Secret(token)};
}

function parseFile(rest: string, cwd: string): LakePlace {
  const [, name = '', query = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(rest) ?? [];
  const given = readOptions(query, ['data_path'], true);
  const path = decodePath(name, 'path of the DuckLake');
  if (path === '' || path.includes('\0') || /:memory:$/.test(path)) {
    throw new UsageError('The destination names no file for the catalog of the DuckLake', {hint: supported});
  }
  if (/pass\w*\s*=|:\/\/.*@/i.test(path)) {
    throw new UsageError('The path of the DuckLake holds what looks like a password', {hint: supported});
  }
  const file = path.startsWith('//') ? locatePath(path.slice(2), cwd) : resolve(cwd, expandHome(path));
  if (file === undefined) throw new UsageError('The destination names no path', {hint: supported});
  return {scheme: 'ducklake', catalog: file, dataPath: readDataPath(given, cwd)};
}

function parsePostgres(rest: string, cwd: string, env: Env) {
  // DuckDB takes a URI after `postgres:` too.
  const text = rest.replace(/^postgres:(?=postgres(ql)?:\/\/)/i, '');
  const isUri = isPostgresUri(text);
  const [, before = '', query = ''] =
    (isUri ? /^([^?]*)(?:\?(.*))?$/s : /^(.*?)(?:\?([a-z_]+=[^?]*))?$/s).exec(text) ?? [];
  const pairs = query.split('&').filter(pair => pair !== '');
  const isOurs = (pair: string) => !isUri || pair.startsWith('data_path=');
  const {place, password}: PostgresUri = isUri
    ? parsePostgresUri(`${before}?${pairs.filter(pair => !isOurs(pair)).join('&')}`, env)
    : parseConnectionString(before.replace(/^postgres(ql)?:/i, ''), env);
  const given = readOptions(pairs.filter(isOurs).join('&'), ['data_path'], password === null);
  const lake: LakePlace = {scheme: 'ducklake', catalog: place, dataPath: readDataPath(given, cwd)};
  return {place: lake, password};
}

function readDataPath(given: ReadonlyMap<string, string>, cwd: string): string | null {
  const path = given.get('data_path') ?? '';
  if (path === '') return null;
  if (/\p{Cc}/u.test(path)) throw new UsageError('The data_path of the destination holds a control character');
  return `${isRemote(path) ? path : resolve(cwd, expandHome(path))}/`.replace(/\/+$/, '/');
}

/** Whether it is a URL, such as that of a bucket. */
export function isRemote(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path);
}

/** `isPlain`: the text holds no secret, so an unknown option may be quoted. */
function readOptions(query: string, known: readonly string[], isPlain: boolean): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const pair of query.split('&').filter(text => text !== '')) {
    const [name = '', ...rest] = pair.split('=');
    if (!known.includes(name)) {
      const told = isPlain && /^[a-z_]{1,40}$/.test(name) ? ` "${name}"` : '';
      throw new UsageError(`The destination has an option${told} that is not known`, {
        hint: `Known: ${known.join(', ')}. In a name or a path write ? as %3F and & as %26.`,
      });
    }
    given.set(name, decodePath(rest.join('='), name));
  }
  return given;
}
