import type {DuckDBConnection} from '@duckdb/node-api';
import {run} from '../../engine/duckdb.js';
import {loadExtension} from '../../engine/extensions.js';
import {isHeldElsewhere} from '../../engine/failures.js';
import {quoteIdentifier, quoteText} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import {messageOf} from '../../errors.js';
import type {DuckLakePlace} from '../../lake-uri.js';
import {isLocal, type PostgresPlace} from '../../postgres-uri.js';
import {findPassword} from '../password.js';
import {readConfig} from '../postgres/server.js';
import {findMissingExtension, nameFailure, refuseTokenless} from './failures.js';
import {catalogOf, type Lake, serverOf} from './names.js';

/** Loads what the catalog needs, and tells DuckDB the password, which is part of no statement that names the catalog. */
export async function prepareExtensions(connection: DuckDBConnection, lake: Lake): Promise<void> {
  try {
    await loadAll(connection, lake);
  } catch (error) {
    throw nameFailure(lake, error, 'could not be opened');
  }
}

async function loadAll(connection: DuckDBConnection, lake: Lake): Promise<void> {
  const {place, password, env} = lake;
  if (place.scheme === 'md') {
    const token = password ?? (await findPassword(env, 'motherduck_token', 'MOTHERDUCK_TOKEN'));
    if (token === null) throw refuseTokenless(lake);
    await loadExtension(connection, 'motherduck', env);
    await run(connection, sql`SET motherduck_token = ${quoteText(token.reveal())}`);
    return;
  }
  await loadExtension(connection, 'ducklake', env);
  if (typeof place.catalog === 'string') return;
  await loadExtension(connection, 'postgres_scanner', env);
  const {password: found} = await readConfig(serverOf(lake, place.catalog));
  const secret = typeof found === 'string' ? sql`, PASSWORD ${quoteText(found)}` : sql``;
  await run(connection, sql`CREATE OR REPLACE TEMPORARY SECRET docebo_catalog (TYPE postgres${secret})`);
}

/** Attaches the catalog, and creates what a DuckLake needs if it is not there yet. */
export async function attach(connection: DuckDBConnection, lake: Lake, isReadOnly = false): Promise<void> {
  const statement = makeAttach(lake, isReadOnly);
  try {
    try {
      await run(connection, statement);
    } catch (error) {
      const missing = findMissingExtension(error);
      if (missing === undefined) throw error;
      await loadExtension(connection, missing, lake.env);
      await run(connection, statement);
    }
  } catch (error) {
    // Whoever can wait for the lock does.
    throw isHeldElsewhere(messageOf(error)) ? error : nameFailure(lake, error, 'could not be opened');
  }
}

function makeAttach({place}: Lake, isReadOnly: boolean): Sql {
  if (place.scheme === 'md') return sql`ATTACH ${quoteText(`md:${place.database}`)}`;
  const given = [
    ...(place.dataPath === null ? [] : [sql`DATA_PATH ${quoteText(place.dataPath)}`]),
    ...(typeof place.catalog === 'string' ? [] : [sql`META_SECRET 'docebo_catalog'`]),
    ...(isReadOnly ? [sql`READ_ONLY`] : []),
  ];
  const options = given.length === 0 ? sql`` : sql` (${joinSql(given)})`;
  return sql`ATTACH ${quoteText(`ducklake:${nameCatalog(place.catalog)}`)} AS ${quoteIdentifier(catalogOf(place))}${options}`;
}

function nameCatalog(catalog: DuckLakePlace['catalog']): string {
  return typeof catalog === 'string' ? catalog : `postgres:${describeConnection(catalog)}`;
}

/** As libpq takes it, without the password. TLS is as strict as for Postgres itself. */
function describeConnection({host, port, user, database, sslmode, sslrootcert}: PostgresPlace): string {
  const mode = sslmode ?? (isLocal({host}) ? 'disable' : 'verify-full');
  const tls =
    mode === 'disable'
      ? {sslmode: mode}
      : {
          sslmode: mode === 'verify-ca' && sslrootcert !== null ? mode : 'verify-full',
          sslrootcert: sslrootcert ?? 'system',
        };
  return Object.entries({host, port: String(port), user, dbname: database, ...tls})
    .map(([name, value]) => `${name}='${value.replace(/[\\']/g, '\\$&')}'`)
    .join(' ');
}
