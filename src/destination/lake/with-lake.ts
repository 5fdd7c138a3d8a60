import {existsSync} from 'node:fs';
import {rmdir} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {keepPrivate, removeEmptyLog, removeFile, run, withDuckdb} from '../../engine/duckdb.js';
import {followLinks} from '../../engine/links.js';
import {prepare, whenFree} from '../../engine/open.js';
import {quoteIdentifier} from '../../engine/quote.js';
import {sql} from '../../engine/sql.js';
import {takeTurn} from '../../engine/turns.js';
import type {PublishOptions, RecordOptions} from '../destination.js';
import type {Place} from '../difference/plan.js';
import {makeTargetFolder} from '../folder.js';
import {withSession} from '../postgres/session.js';
import {claimTables} from '../postgres/wait-for-lock.js';
import {attach, prepareExtensions} from './attach.js';
import {nameFailure} from './failures.js';
import {catalogOf, dataFolderOf, type Lake, nameLake, serverOf} from './names.js';

type LakeOptions = RecordOptions & Pick<PublishOptions, 'onEvent'>;

type Use<T> = (connection: DuckDBConnection) => Promise<T>;

/**
 * Attaches the catalog to a file for staged tables, which is gone afterwards, and keeps other runs from the same tables meanwhile. A new file for a
 * catalog is removed again if `use` fails or `isWorthAFile` denies its result.
 */
export async function withLake<T>(
  lake: Lake,
  places: readonly Place[],
  options: LakeOptions,
  use: Use<T>,
  isWorthAFile: (result: T) => boolean,
): Promise<T> {
  const {place} = lake;
  const folder = place.scheme === 'md' || place.dataPath === null ? null : dataFolderOf(place);
  if (folder !== null) makeTargetFolder(folder);
  const attached = async () =>
    withStaging(lake, options, async connection => {
      await attach(connection, lake);
      return use(connection);
    });
  if (place.scheme === 'md') return attached();
  const {catalog} = place;
  if (typeof catalog === 'string')
    return takeTurn(catalog, async () => inFile(lake, catalog, options, use, isWorthAFile));
  const server = serverOf(lake, catalog);
  return withSession(server, async session => {
    await claimTables(session, server, places, options);
    return attached();
  });
}

async function inFile<T>(
  lake: Lake,
  catalog: string,
  options: LakeOptions,
  use: Use<T>,
  isWorthAFile: (result: T) => boolean,
): Promise<T> {
  const file = await followLinks(catalog);
  makeTargetFolder(dirname(file));
  let isUnwanted = false;
  const {onEvent, signal} = options;
  const onWait = (seconds: number, reason: string) =>
    onEvent?.({type: 'waiting', reason, seconds, waitsFor: 'destination'});
  try {
    return await withStaging(
      lake,
      options,
      async connection => {
        await whenFree(catalog, {lockTimeoutMs: lake.lockTimeoutMs, onWait, signal}, async () => {
          const isNew = await prepare(catalog);
          if (isNew) {
            await keepPrivate(file);
            makeDataFolder(lake);
          }
          await attach(connection, lake);
          isUnwanted = isNew;
          // A run that published nothing removes its new file before it closes it.
          if (existsSync(file)) return true;
          await run(connection, sql`DETACH ${quoteIdentifier(catalogOf(lake.place))}`);
          return undefined;
        });
        await keepPrivate(file);
        const result = await use(connection);
        isUnwanted &&= !isWorthAFile(result);
        return result;
      },
      async () => {
        // It is still held here, so nobody else has it open.
        if (isUnwanted) await removeFile(file);
      },
    );
  } finally {
    if (isUnwanted) await removeDataFolder(lake);
    else await removeEmptyLog(file).catch(() => undefined);
  }
}

/** Private, which what DuckDB creates in it is not. */
function makeDataFolder({place}: Lake): void {
  const folder = place.scheme === 'md' ? null : dataFolderOf(place);
  if (folder !== null) makeTargetFolder(folder);
}

async function removeDataFolder({place}: Lake): Promise<void> {
  const folder = place.scheme === 'md' ? null : dataFolderOf(place);
  // One that holds anything stays.
  if (folder !== null) await rmdir(folder).catch(() => undefined);
}

async function withStaging<T>(
  lake: Lake,
  {workDir, signal}: LakeOptions,
  use: Use<T>,
  beforeClosing: () => Promise<void> = async () => {},
): Promise<T> {
  const file = join(workDir, 'staged.duckdb');
  // What a killed run left.
  await removeFile(file);
  const options = {workDir, lockTimeoutMs: lake.lockTimeoutMs, signal, label: nameLake(lake)};
  return withDuckdb(
    file,
    options,
    async connection => {
      try {
        await prepareExtensions(connection, lake);
        return await use(connection);
      } catch (error) {
        throw nameFailure(lake, error);
      } finally {
        await run(connection, sql`ROLLBACK`).catch(() => undefined);
        await beforeClosing();
        await run(connection, sql`DETACH ${quoteIdentifier(catalogOf(lake.place))}`).catch(() => undefined);
      }
    },
    () => false,
  );
}
