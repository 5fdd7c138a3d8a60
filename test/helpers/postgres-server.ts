import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readdirSync} from 'node:fs';
import {chmod, chown, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';

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
export const nobody = process.getuid?.() === 0 ? {uid: 65_534, gid: 65_534} : {};

/** Why no server can be started here; undefined if one can. */
export function findObstacle(): string | undefined {
  const programs = findPrograms();
  if (programs === undefined) return 'no Postgres server is installed (Debian has it in the package postgresql)';
  const {status} = spawnSync(join(programs, 'postgres'), ['--version'], {...nobody, cwd: '/', stdio: 'ignore'});
  return status === 0 ? undefined : `${join(programs, 'postgres')} cannot be run`;
}

export const superuser = {user: 'docebo', password: 'p@ss/w:rd?#%-of-tests'};

export interface PostgresServer {
  readonly folder: string;
  readonly port: number;
  /** Stops the server, and removes its folder. */
  readonly stop: () => Promise<void>;
}

/** Starts a server of its own on a port of 127.0.0.1. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'docebo-postgres-'));
  const remove = async () => rm(folder, {recursive: true, force: true});
  try {
    if (nobody.uid !== undefined) await chown(folder, nobody.uid, nobody.gid);
    const options = await makeCluster(folder);
    for (;;) {
      const port = await findPort();
      const stop = await start(folder, port, options);
      // Another process took the port in between.
      if (stop === undefined) continue;
      return {
        folder,
        port,
        async stop() {
          await stop();
          await remove();
        },
      };
    }
  } catch (error) {
    await remove();
    throw error;
  }
}

async function makeCluster(folder: string) {
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
  return options;
}

/** Returns how to stop the server; undefined if the port is taken. */
async function start(folder: string, port: number, options: Awaited<ReturnType<typeof makeCluster>>) {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    fsync: 'off',
    shared_buffers: '32MB',
  };
  const server = spawn(
    join(findPrograms() ?? '', 'postgres'),
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
    if (server.exitCode !== null && said.includes('Address already in use')) return undefined;
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
