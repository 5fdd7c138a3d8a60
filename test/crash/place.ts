import {cp, mkdir, readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {ledgerName} from '../../src/destination/ledger.js';
import type {FileScheme} from '../../src/destination-uri.js';
import {readRowsOf} from '../destination/rows-of-files.js';
import {type Rehearsal, tableNamed} from '../helpers/rehearsal.js';
import {crashTables, type Rows} from './scene.js';

/** Where the runs of a scene publish, and what is found there. */
export interface Place {
  readonly uri: string;
  /** The file that shows that tables are put in place: the last step of all for DuckDB, the first of many for files. */
  readonly firstWritten: string;
  /** Remembers what is there now. */
  keep(): Promise<void>;
  /** Puts there what was kept, and nothing else. */
  putBack(): Promise<void>;
  /** Rows of each table as text, in an order of their own, without what names the load. */
  readAll(): Promise<Rows>;
  /** The load of each table, by its name. */
  readLoadIds(): Promise<ReadonlyMap<string, string>>;
  /** What the ledger says is published: tables with their loads. */
  readNoted(): Promise<readonly (readonly [table: string, loadId: string])[]>;
  /** What should not be there after a run that ended well. */
  findStrays(): Promise<readonly string[]>;
}

export function duckdbPlace({folder, file, published}: Rehearsal): Place {
  const kept = join(folder, 'kept.duckdb');
  return {
    uri: `duckdb:///${file}`,
    firstWritten: file,
    keep: async () => cp(file, kept),
    async putBack() {
      await rm(`${file}.wal`, {force: true});
      await cp(kept, file);
    },
    async readAll() {
      const rows = await Promise.all(crashTables.map(async name => [name, (await published(name)) ?? []] as const));
      return new Map(rows);
    },
    async readLoadIds() {
      const ids = crashTables.map(
        name => `SELECT '${name}', min(_docebo_load_id), max(_docebo_load_id) FROM "${name}"`,
      );
      const found = await query(file, ids.join(' UNION ALL '));
      return new Map(
        found.map(([name, least, most]) => [name ?? '', least === most ? `${least}` : `${least} and ${most}`]),
      );
    },
    async readNoted() {
      const noted = await query(file, `SELECT table_name, load_id FROM ${ledgerName} WHERE status = 'published'`);
      return noted.map(([table, loadId]) => [`${table}`, `${loadId}`]);
    },
    async findStrays() {
      const known = [...crashTables, ledgerName].map(name => `'${name}'`).join();
      const tables = await query(file, `SELECT table_name FROM duckdb_tables() WHERE table_name NOT IN (${known})`);
      const files = (await readdir(folder)).filter(name => !['out.duckdb', 'kept.duckdb', 'state'].includes(name));
      return [...tables.flat().map(String), ...files];
    },
  };
}

async function query(file: string, sql: string): Promise<readonly (readonly (string | null)[])[]> {
  const instance = await DuckDBInstance.create(file, {access_mode: 'READ_ONLY'});
  const connection = await instance.connect();
  try {
    const rows = (await connection.runAndReadAll(sql)).getRowsJson();
    return rows.map(row => row.map(value => (value === null ? null : String(value))));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export function filesPlace(scheme: FileScheme): (rehearsal: Rehearsal) => Place {
  return ({folder}) => {
    const [files, kept] = [join(folder, 'files'), join(folder, 'kept-files')];
    const readTable = async (name: string) => readRowsOf(scheme, join(files, `${name}.${scheme}`));
    return {
      uri: `${scheme}:///${files}`,
      firstWritten: join(files, `${crashTables[0]}.${scheme}`),
      keep: async () => cp(files, kept, {recursive: true}),
      async putBack() {
        await rm(files, {recursive: true});
        await mkdir(files);
        await cp(kept, files, {recursive: true});
      },
      async readAll() {
        const rows = crashTables.map(async name => {
          const columns = Object.keys(tableNamed(name).columns);
          const texts = (await readTable(name)).map(row => JSON.stringify(columns.map(column => row[column])));
          return [name, texts.sort()] as const;
        });
        return new Map(await Promise.all(rows));
      },
      async readLoadIds() {
        const ids = crashTables.map(async name => {
          const found = new Set((await readTable(name)).map(row => row['_docebo_load_id']));
          return [name, [...found].join(' and ')] as const;
        });
        return new Map(await Promise.all(ids));
      },
      async readNoted() {
        const noted = await readTable(ledgerName);
        return noted
          .filter(({status}) => status === 'published')
          .map(row => [`${row['table_name']}`, `${row['load_id']}`] as const);
      },
      async findStrays() {
        // Beside a table with several routes a hidden file notes which has served it.
        const known = new Set(
          [...crashTables, ledgerName].flatMap(name => [`${name}.${scheme}`, `.${name}.${scheme}.route`]),
        );
        return (await readdir(files)).filter(name => !known.has(name));
      },
    };
  };
}
