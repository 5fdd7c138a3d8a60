import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readdirSync} from 'node:fs';
import {chmod, chown, copyFile, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {basename, delimiter, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import pg from 'pg';
import {afterAll, beforeAll} from 'vitest';

/** Debian keeps the server's programs out of the path. */
const debian = '/usr/lib/postgresql';

/** The folder of a server's programs; undefined if there is none. */
function findPrograms(): string | undefined {
  const versions = existsSync(debian) ? readdirSync(debian).sort((one, other) => Number(other) - Number(one)) : [];
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map(version => join(debian, version, 'bin')),
  ];
  return folders.find(folder => ['postgres', 'initdb'].every(name => existsSync(join(folder, name))));
}

/** Postgres refuses to run as root. */
const nobody = process.getuid?.() === 0 ? {uid: 65_534, gid: 65_534} : {};

/** Why no server can be started here; undefined if one can. */
export function findObstacle(): string | undefined {
  const programs = findPrograms();
  if (programs === undefined) return 'no Postgres server is installed (Debian has it in the package postgresql)';
  const {status} = spawnSync(join(programs, 'postgres'), ['--version'], {...nobody, cwd: '/', stdio: 'ignore'});
  return status === 0 ? undefined : `${join(programs, 'postgres')} cannot be run`;
}

export const superuser = {user: 'docebo', password: 'p@ss/w:rd?#%-of-tests'};

export interface TestServer {
  readonly port: number;
  /** Runs statements as the superuser, and gives the rows of the last one. */
  readonly query: (database: string, ...statements: readonly string[]) => Promise<readonly unknown[][]>;
  /** Creates a database of its own for a test, and gives its name. */
  readonly createDatabase: () => Promise<string>;
  /** The URI of a database, for the superuser unless another one is named. */
  readonly uriOf: (database: string, user?: string, password?: string, port?: number) => string;
  /** Has the server offer TLS with a certificate and its key, both in one file. */
  readonly offerTls: (file: string) => Promise<void>;
}

/** Starts a server of its own for the tests of a file, and ends it after them. */
export function useServer(): TestServer {
  let [folder, port, databases] = ['', 0, 0];
  let end = async () => {};
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docebo-postgres-'));
    end = async () => rm(folder, {recursive: true, force: true});
    if (nobody.uid !== undefined) await chown(folder, nobody.uid, nobody.gid);
    port = await findPort();
    const stop = await start(folder, port);
    end = async () => {
      await stop();
      await rm(folder, {recursive: true, force: true});
    };
  });
  afterAll(async () => end());
  const query = async (database: string, ...statements: readonly string[]) => {
    const client = new pg.Client({host: '127.0.0.1', port, database, ...superuser});
    await client.connect();
    try {
      let rows: unknown[][] = [];
      for (const text of statements) ({rows} = await client.query<unknown[]>({text, rowMode: 'array'}));
      return rows;
    } finally {
      await client.end();
    }
  };
  return {
    get port() {
      return port;
    },
    query,
    async offerTls(file) {
      const place = join(folder, `tls-${basename(file)}`);
      await copyFile(file, place);
      await chmod(place, 0o600);
      if (nobody.uid !== undefined) await chown(place, nobody.uid, nobody.gid);
      const names = ['ssl_cert_file', 'ssl_key_file'].map(name => `ALTER SYSTEM SET ${name} = '${place}'`);
      await query('postgres', ...names, 'ALTER SYSTEM SET ssl = on', 'SELECT pg_reload_conf()');
      for (;;) {
        const [row] = await query('postgres', `SELECT current_setting('ssl_cert_file') = '${place}'`);
        if (row?.[0] === true) return;
      }
    },
    async createDatabase() {
      const name = `test_${++databases}`;
      await query('postgres', `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
      return name;
    },
    uriOf: (database, user = superuser.user, password = superuser.password, at = port) =>
      `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${at}/${database}`,
  };
}

async function start(folder: string, port: number): Promise<() => Promise<void>> {
  const programs = findPrograms() ?? '';
  const data = join(folder, 'data');
  const secret = join(folder, 'secret');
  await writeFile(secret, superuser.password);
  await chmod(secret, 0o644);
  const options = {...nobody, cwd: folder, stdio: 'pipe' as const, env: {...process.env, LC_ALL: 'C', PGDATA: data}};
  const made = spawnSync(
    join(programs, 'initdb'),
    ['--no-sync', '-E', 'UTF8', '-A', 'scram-sha-256', '-U', superuser.user, '--pwfile', secret],
    options,
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    fsync: 'off',
    shared_buffers: '32MB',
  };
  const server = spawn(
    join(programs, 'postgres'),
    Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    options,
  );
  let said = '';
  server.stderr.on('data', text => {
    said += String(text);
  });
  server.stdout.resume();
  const ended = once(server, 'exit');
  for (let tries = 0; !said.includes('ready to accept connections'); tries++) {
    if (server.exitCode !== null || tries > 600) throw new Error(`The server did not start: ${said}`);
    await sleep(50);
  }
  return async () => {
    // An immediate shutdown, which needs no checkpoint.
    server.kill('SIGQUIT');
    await ended;
  };
}

async function findPort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
