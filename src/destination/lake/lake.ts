import {existsSync} from 'node:fs';
import {dirname} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {listTables, queryRows, withScratch} from '../../engine/duckdb.js';
import {isHeldElsewhere} from '../../engine/failures.js';
import {foldCase} from '../../engine/fold-case.js';
import {followLinks} from '../../engine/links.js';
import {loadDuckdb} from '../../engine/native.js';
import {quoteName, quoteText} from '../../engine/quote.js';
import {joinSql, sql} from '../../engine/sql.js';
import {takeTurn} from '../../engine/turns.js';
import {DestinationError, messageOf} from '../../errors.js';
import {formatLakePlace, isRemote, parseLakeUri} from '../../lake-uri.js';
import type {PostgresPlace} from '../../postgres-uri.js';
import {checkFile} from '../check-file.js';
import type {Destination, Target} from '../destination.js';
import {checkFolder} from '../folder.js';
import {refuseReadOnly, withSession} from '../postgres/session.js';
import {findNamed, refuseLedgerName, refuseReserved, refuseSharedTargets, refuseUnnameable} from '../targets.js';
import {attach, prepareExtensions} from './attach.js';
import {nameFailure} from './failures.js';
import {catalogOf, dataFolderOf, type Lake, locate, nameLake, serverOf} from './names.js';

interface LakeOptions extends Pick<Lake, 'env' | 'lockTimeoutMs'> {
  readonly cwd: string;
}

export function openLake(uri: string, {cwd, ...options}: LakeOptions): Destination {
  const lake: Lake = {...parseLakeUri(uri, cwd, options.env), ...options};
  const {place} = lake;
  return {
    address: {scheme: place.scheme, path: formatLakePlace(place)},
    describe,
    async check(targets) {
      await loadDuckdb();
      refuseUnnameable(targets);
      refuseLedgerName(targets);
      refuseReserved(targets);
      refuseSharedTargets(targets, describe, foldCase);
      return checkPlace(lake);
    },
    async findStanding(targets) {
      try {
        if (!(await isThere(lake))) return new Set();
        const names = (await peek(lake, listTables)) ?? [];
        return findNamed(targets, describe, names);
      } catch {
        return new Set(targets);
      }
    },
    async publish(loads, publishOptions) {
      const {publishToLake} = await import('./publish-lake.js');
      return publishToLake(lake, loads, publishOptions);
    },
    async record(rows, recordOptions) {
      if (!(await isThere(lake))) return [];
      const {recordInLake} = await import('./publish-lake.js');
      return recordInLake(lake, rows, recordOptions);
    },
  };
}

function describe(target: Target): string {
  return locate(target).join('.');
}

/** Throws DestinationError for what would fail only after everything is read. Returns notes about the place. */
async function checkPlace(lake: Lake): Promise<readonly string[]> {
  const {place} = lake;
  const notes: string[] = [];
  if (place.scheme === 'ducklake') {
    const folder = dataFolderOf(place);
    const {catalog} = place;
    if (typeof catalog === 'string') {
      notes.push(...(await checkFolder(dirname(await followLinks(catalog)))));
      await checkFile(catalog);
    }
    if (place.dataPath !== null && folder !== null) notes.push(...(await checkFolder(folder)));
  }
  if (await isThere(lake, true)) {
    const path = await peek(lake, async (connection, catalog) => readDataPath(connection, lake, catalog)).catch(
      error => {
        // Publishing waits for it.
        if (isHeldElsewhere(messageOf(error))) return undefined;
        throw error;
      },
    );
    if (typeof path === 'string' && !isRemote(path)) notes.push(...(await checkFolder(path)));
  } else {
    // The extensions may have to be fetched, which is better found out before anything is read.
    await withScratch(async connection => prepareExtensions(connection, lake));
  }
  return notes;
}

/** Looks at the catalog without changing it. Undefined if it is a database in which no DuckLake has begun. */
async function peek<T>(
  lake: Lake,
  look: (connection: DuckDBConnection, catalog: string) => Promise<T>,
): Promise<T | undefined> {
  const {place} = lake;
  const attached = async () =>
    withScratch(async connection => {
      await prepareExtensions(connection, lake);
      try {
        await attach(connection, lake, true);
      } catch (error) {
        if (messageOf(error).includes('creating a new DuckLake is explicitly disabled')) return undefined;
        throw error;
      }
      try {
        return await look(connection, catalogOf(place));
      } catch (error) {
        throw nameFailure(lake, error, 'could not be read');
      }
    });
  return place.scheme === 'ducklake' && typeof place.catalog === 'string'
    ? takeTurn(place.catalog, attached)
    : attached();
}

/** Where the catalog says that its rows are; null if MotherDuck keeps them. */
async function readDataPath(connection: DuckDBConnection, {place}: Lake, catalog: string): Promise<string | null> {
  if (place.scheme === 'md') return null;
  const rows = await queryRows(
    connection,
    sql`SELECT value FROM ${quoteName(catalog)}.options() WHERE option_name = 'data_path'`,
  );
  const path = rows[0]?.[0];
  return typeof path === 'string' ? path.replace(/(?<=.)\/$/, '') : null;
}

/** Whether there is a catalog yet. With `isToBeWritten` throws DestinationError if none could be made. */
async function isThere(lake: Lake, isToBeWritten = false): Promise<boolean> {
  const {place} = lake;
  if (place.scheme === 'md') return true;
  const {catalog} = place;
  if (typeof catalog === 'string') return existsSync(catalog);
  return isInPostgres(lake, catalog, isToBeWritten);
}

async function isInPostgres(lake: Lake, place: PostgresPlace, isToBeWritten: boolean): Promise<boolean> {
  const {dataPath} = lake.place.scheme === 'ducklake' ? lake.place : {dataPath: null};
  return withSession(
    serverOf(lake, place),
    async session => {
      const rights = joinSql(
        ['select', 'insert', 'update', 'delete'].map(right => sql`has_table_privilege(c.oid, ${quoteText(right)})`),
        sql` AND `,
      );
      const {rows} = await session.ask(
        sql`SELECT bool_or(c.relname = 'ducklake_snapshot'), bool_and(${rights}), has_schema_privilege(n.oid, 'CREATE')
            FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind = 'r' AND starts_with(c.relname, 'ducklake_')
            WHERE n.nspname = 'public' GROUP BY n.oid`,
      );
      const [found, mayWrite, mayCreate] = rows[0] ?? [];
      if (!isToBeWritten) return found === true;
      await refuseReadOnly(session, nameLake(lake));
      const refuse = (what: string, hint: string): never => {
        throw new DestinationError(`${nameLake(lake)} cannot be used: ${what}`, {hint});
      };
      const {user} = place;
      if (found === true && mayWrite !== true) {
        refuse(
          `${user} may not read and write all of its own tables`,
          `Have their owner run GRANT ALL ON ALL TABLES IN SCHEMA public TO "${user}".`,
        );
      }
      if (mayCreate !== true) {
        refuse(
          `${user} may create nothing in the schema public, where DuckLake keeps its own tables`,
          `Have its owner run GRANT CREATE ON SCHEMA public TO "${user}".`,
        );
      }
      if (found !== true && dataPath === null) {
        refuse(
          'there is none yet, and nothing says where its rows go',
          'Name a folder or a bucket with ?data_path=… in the URI.',
        );
      }
      return found === true;
    },
    'cannot be used',
  );
}
