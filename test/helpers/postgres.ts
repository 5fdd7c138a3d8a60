import {chmod, chown, copyFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import pg from 'pg';
import {afterAll, beforeAll} from 'vitest';
import {nobody, type PostgresServer, startPostgres, superuser} from './postgres-server.js';

export {findObstacle, superuser} from './postgres-server.js';

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
  let started: PostgresServer | undefined;
  let databases = 0;
  const server = () => {
    if (started === undefined) throw new Error('The server starts before the first test.');
    return started;
  };
  beforeAll(async () => {
    started = await startPostgres();
  });
  afterAll(async () => started?.stop());
  const query = async (database: string, ...statements: readonly string[]) => {
    const client = new pg.Client({host: '127.0.0.1', port: server().port, database, ...superuser});
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
      return server().port;
    },
    query,
    async offerTls(file) {
      const place = join(server().folder, `tls-${basename(file)}`);
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
    uriOf: (database, user = superuser.user, password = superuser.password, at = server().port) =>
      `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${at}/${database}`,
  };
}
