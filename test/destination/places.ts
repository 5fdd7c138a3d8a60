import {existsSync} from 'node:fs';
import {open, readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import pg from 'pg';
import {onTestFinished} from 'vitest';
import {ledgerName} from '../../src/destination/ledger.js';
import type {FileScheme} from '../../src/destination-uri.js';
import {query} from '../engine/query.js';
import {makeFolder} from '../engine/spool.js';
import {extensions, findObstacle as findMissingExtension} from '../helpers/extensions.js';
import {findObstacle, superuser, type TestServer, useServer} from '../helpers/postgres.js';
import {queryLake} from './lake/publishing.js';
import {readRowsOf, type TextRow} from './rows-of-files.js';

/** What every destination is asked for. */
export type Asked = 'comments' | 'all tables at once' | 'a reader beside' | 'a full disk';

/** Where a test loads tables, and how to see what is there. */
export interface Place {
  /** Relative paths start here. What a run needs goes here too. */
  readonly folder: string;
  readonly uri: string;
  /** What its URI leaves out. @default nothing */
  readonly env?: Readonly<Record<string, string>>;
  /** The rows of a table, each value as text; null if there is no such table. */
  readonly rows: (table: string) => Promise<readonly TextRow[] | null>;
  /** The names of all tables, also of those that a load should not leave, without the ledger. */
  readonly tables: () => Promise<readonly string[]>;
  /** The rows of a statement that reads the ledger. */
  readonly askLedger: (sql: string) => Promise<readonly (readonly unknown[])[]>;
  /** Puts something in place of the ledger that takes none of our rows. */
  readonly spoilLedger: () => Promise<void>;
  /** The comment on a column. */
  readonly comment: (table: string, column: string) => Promise<unknown>;
  /** Begins to read a table. Gives what reads it to its end. */
  readonly beginReading: (table: string) => Promise<() => Promise<readonly TextRow[]>>;
  /** A URI of a place that cannot be written. */
  readonly forbidden: () => Promise<string>;
}

/** A destination, as the suite of conformance.test.ts knows it. */
export interface Conforming {
  readonly name: string;
  /** Why it cannot be tried on this machine. */
  readonly obstacle?: string | undefined;
  /** What it cannot do, and why. */
  readonly cannot: Partial<Readonly<Record<Asked, string>>>;
  /** Called in the `describe` of its tests. Gives what makes a new place for a test. */
  readonly prepare: () => () => Promise<Place>;
}

const duckdb: Conforming = {
  name: 'duckdb',
  cannot: {
    'a reader beside':
      'DuckDB lets a second process open no file that the first one writes: a load waits for it (processes.test.ts)',
  },
  prepare: () => async () => {
    const folder = await makeFolder();
    const file = join(folder, 'out.duckdb');
    return lookWithDuckdb({
      folder,
      uri: 'duckdb:///out.duckdb',
      ask: async (...statements) => (existsSync(file) ? query(file, ...statements) : []),
      forbidden: 'duckdb://file/out.duckdb',
    });
  },
};

interface Look {
  readonly folder: string;
  readonly uri: string;
  /** Gives the rows of a statement; none if nothing has been loaded. */
  readonly ask: (...statements: readonly string[]) => Promise<readonly (readonly unknown[])[]>;
  /** Of a place below a file. */
  readonly forbidden: string;
}

/** A table of somebody else, whose column wants a value. */
const spoilt = [`DROP TABLE ${ledgerName}`, `CREATE TABLE ${ledgerName} (mine INTEGER NOT NULL)`];

/** What a database shows alike, whichever it is. `read`: all rows of a table that is there. */
function lookBySql(
  ask: Look['ask'],
  list: () => Promise<readonly string[]>,
  read: (table: string) => Promise<readonly TextRow[]>,
): Pick<Place, 'tables' | 'askLedger' | 'spoilLedger' | 'rows'> {
  return {
    tables: async () => withoutLedger(await list()),
    askLedger: ask,
    async spoilLedger() {
      await ask(...spoilt);
    },
    rows: async table => ((await list()).includes(table) ? read(table) : null),
  };
}

/** A place whose tables DuckDB shows. */
function lookWithDuckdb({folder, uri, ask, forbidden}: Look): Place {
  const list = async () =>
    (await ask('SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() ORDER BY ALL')).map(
      String,
    );
  const read = async (table: string) => {
    const names = (await ask(`DESCRIBE ${quote(table)}`)).map(([name]) => String(name));
    return toRows(names, await ask(`SELECT COLUMNS(*)::VARCHAR FROM ${quote(table)}`));
  };
  return {
    folder,
    uri,
    ...lookBySql(ask, list, read),
    async comment(table, column) {
      const where = `table_name = ${text(table)} AND column_name = ${text(column)}`;
      return (await ask(`SELECT comment FROM duckdb_columns() WHERE ${where}`))[0]?.[0];
    },
    beginReading: unable,
    async forbidden() {
      await writeFile(join(folder, 'file'), '');
      return forbidden;
    },
  };
}

const oneByOne =
  'no file system renames several files at once: of a run that is killed then, some are new and some old';
const noComments = 'the format has no place for them';

function files(scheme: FileScheme, cannot: Conforming['cannot']): Conforming {
  return {
    name: scheme,
    cannot,
    prepare: () => async () => {
      const folder = await makeFolder();
      const fileOf = (table: string) => join(folder, 'out', `${table}.${scheme}`);
      const rows = async (table: string) => (existsSync(fileOf(table)) ? readRowsOf(scheme, fileOf(table)) : null);
      return {
        folder,
        uri: `${scheme}://out`,
        rows,
        async tables() {
          const names = existsSync(join(folder, 'out')) ? await readdir(join(folder, 'out')) : [];
          return withoutLedger(
            names.map(name => (name.endsWith(`.${scheme}`) ? name.slice(0, -scheme.length - 1) : name)).sort(),
          );
        },
        askLedger: async sql => query(':memory:', `CREATE VIEW ${ledgerName} AS FROM ${text(fileOf(ledgerName))}`, sql),
        spoilLedger: async () => writeFile(fileOf(ledgerName), '{"load_id":"load0","stat'),
        async comment(table, column) {
          const [row] = await query(
            ':memory:',
            `SELECT value::VARCHAR FROM parquet_kv_metadata(${text(fileOf(table))}) WHERE key::VARCHAR = ${text(`description.${column}`)}`,
          );
          return row?.[0];
        },
        async beginReading(table) {
          const handle = await open(fileOf(table));
          return async () => {
            const copy = join(folder, `copy.${scheme}`);
            await writeFile(copy, await readFile(handle));
            await handle.close();
            return readRowsOf(scheme, copy);
          };
        },
        async forbidden() {
          await writeFile(join(folder, 'file'), '');
          return `${scheme}://file/out`;
        },
      };
    },
  };
}

const postgres: Conforming = {
  name: 'postgres',
  obstacle: findObstacle(),
  cannot: {
    'a full disk':
      'the disk is the server’s, which says so and undoes the transaction as for a connection that is lost',
  },
  prepare: () => {
    const server = useServer();
    return async () => openDatabase(server);
  },
};

async function openDatabase(server: TestServer): Promise<Place> {
  const [folder, database] = [await makeFolder(), await server.createDatabase()];
  const ask = async (...statements: readonly string[]) => server.query(database, ...statements);
  const list = async () =>
    (
      await ask(
        `SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
      )
    ).map(String);
  const columnsOf = async (table: string) =>
    (
      await ask(
        `SELECT attname::text FROM pg_attribute WHERE attrelid = ${text(quote(table))}::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
      )
    ).map(String);
  const select = async (table: string) =>
    `SELECT ${(await columnsOf(table)).map(name => `${quote(name)}::text`).join()} FROM ${quote(table)}`;
  const read = async (table: string) => toRows(await columnsOf(table), await ask(await select(table)));
  return {
    folder,
    uri: server.uriOf(database),
    ...lookBySql(ask, list, read),
    comment: async (table, column) =>
      (
        await ask(
          `SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = ${text(quote(table))}::regclass AND attname = ${text(column)}`,
        )
      )[0]?.[0],
    async beginReading(table) {
      const reader = new pg.Client({host: '127.0.0.1', port: server.port, database, ...superuser});
      await reader.connect();
      onTestFinished(async () => reader.end());
      const [names, text] = [await columnsOf(table), await select(table)];
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await reader.query('SELECT 1 FROM pg_class LIMIT 1');
      return async () => toRows(names, (await reader.query<unknown[]>({text, rowMode: 'array'})).rows);
    },
    async forbidden() {
      await ask(`CREATE ROLE ${database}_reader LOGIN PASSWORD 'reads-only'`);
      await ask(`REVOKE ALL ON SCHEMA public FROM PUBLIC`);
      return server.uriOf(database, `${database}_reader`, 'reads-only');
    },
  };
}

const ducklake: Conforming = {
  name: 'ducklake',
  obstacle: findMissingExtension(),
  cannot: {
    'a reader beside':
      'a catalog in a file is locked as any file of DuckDB; one in Postgres is not (postgres-catalog.test.ts)',
  },
  prepare: () => async () => {
    const folder = await makeFolder();
    const file = join(folder, 'out.ducklake');
    const catalog = `ducklake:${file}`;
    return {
      ...lookWithDuckdb({
        folder,
        uri: 'ducklake:out.ducklake',
        ask: async (...statements) =>
          existsSync(file) ? ((await queryLake(catalog, extensions, ...statements)).at(-1) ?? []) : [],
        forbidden: 'ducklake:file/out.ducklake',
      }),
      env: extensions,
    };
  },
};

/** Every destination, but those that hold no tables: test/connectors is for these. */
export const conforming: readonly Conforming[] = [
  duckdb,
  files('jsonl', {comments: noComments, 'all tables at once': oneByOne}),
  files('csv', {comments: noComments, 'all tables at once': oneByOne}),
  files('parquet', {'all tables at once': oneByOne}),
  postgres,
  ducklake,
];

function withoutLedger(tables: readonly string[]): readonly string[] {
  return tables.filter(name => name !== ledgerName);
}

function unable(): never {
  throw new Error('This destination cannot do that.');
}

function toRows(names: readonly string[], rows: readonly (readonly unknown[])[]): readonly TextRow[] {
  return rows.map(row =>
    Object.fromEntries(names.map((name, i) => [name, row[i] === null || row[i] === undefined ? null : String(row[i])])),
  );
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
