import type {DuckDBConnection} from '@duckdb/node-api';
import {DestinationError} from '../errors.js';
import {queryRows, run} from './duckdb.js';
import {firstLine, isDuckdbFailure} from './failures.js';
import {quoteIdentifier, quoteText} from './quote.js';
import {sql} from './sql.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Names the folder of extensions for machines that cannot fetch them. */
export const folderVariable = 'DOCEBO_DUCKDB_EXTENSIONS';

/** Loads an extension, which DuckDB fetches if it is not there yet. Throws DestinationError that says how to get it. */
export async function loadExtension(connection: DuckDBConnection, name: string, env: Env): Promise<void> {
  const folder = env[folderVariable];
  if (folder !== undefined && folder !== '') await run(connection, sql`SET extension_directory = ${quoteText(folder)}`);
  try {
    await run(connection, sql`INSTALL ${quoteIdentifier(name)}`);
    await run(connection, sql`LOAD ${quoteIdentifier(name)}`);
  } catch (error) {
    if (!isDuckdbFailure(error)) throw error;
    const [[version, platform] = []] = await queryRows(
      connection,
      sql`SELECT library_version, (SELECT platform FROM pragma_platform()) FROM pragma_version()`,
    );
    throw new DestinationError(`DuckDB's extension ${name} cannot be loaded: ${firstLine(error)}`, {
      hint: error.message.includes('Initialization function')
        ? 'The extension is there, but needs its service: check the network, and run again.'
        : `DuckDB ${String(version)} fetches it from extensions.duckdb.org when it is first needed. Where that cannot be reached, put the file into ` +
          `${String(version)}/${String(platform)}/${name}.duckdb_extension of a folder, and name that folder in ${folderVariable}.`,
      cause: error,
    });
  }
}
