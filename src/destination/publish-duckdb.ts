import {mkdir} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {inMemory, queryRows, readCatalog, withDuckdb} from '../engine/duckdb.js';
import {quoteIdentifier, quoteName} from '../engine/quote.js';
import {type Staged, stage} from '../engine/stage.js';
import {DestinationError} from '../errors.js';
import type {Load, Published, PublishOptions, Target} from './destination.js';
import {describeTable, keepEarlierColumns, readEarlier, recreateIndexes} from './earlier.js';
import {attempt, holdBack, isStaged, type StagedOutcome, toPublished} from './outcome.js';
import {stagingPrefix, sweep} from './sweep.js';

interface DuckdbPublishOptions extends PublishOptions {
  readonly lockTimeoutMs: number;
}

const defaultSchema = 'main';

/**
 * Stages each table beside its target, since an error inside a transaction would undo the tables that hold too, then puts all
 * that are proved in place in one transaction of renames.
 */
export async function publishToDuckdb(
  file: string,
  loads: readonly Load[],
  options: DuckdbPublishOptions,
): Promise<readonly Published[]> {
  if (file !== inMemory) await makeFolder(dirname(file));
  return withDuckdb(file, options, async connection => {
    await sweep(connection);
    const publication = {connection, catalog: await readCatalog(connection), options};
    const created = await createSchemas(publication, loads);
    try {
      return await stageAndSwap(publication, loads);
    } finally {
      // What is left behind now is swept by the next run; it must not hide why this one failed.
      await sweep(connection)
        .then(() => dropUnused(publication, created))
        .catch(() => undefined);
    }
  });
}

interface Publication {
  readonly connection: DuckDBConnection;
  readonly catalog: string;
  readonly options: DuckdbPublishOptions;
}

async function createSchemas({connection, catalog}: Publication, loads: readonly Load[]): Promise<string[]> {
  const held = await queryRows(
    connection,
    'SELECT lower(schema_name) FROM duckdb_schemas() WHERE database_name = current_database()',
  );
  const there = new Set(held.map(([schema]) => String(schema)));
  const missing = new Set(loads.map(({target}) => schemaOf(target)).filter(schema => !there.has(schema.toLowerCase())));
  for (const schema of missing) await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(catalog, schema)}`);
  return [...missing];
}

/** DROP SCHEMA without CASCADE drops tables all the same if they were renamed (DuckDB 1.5.6), so they are looked for first. */
async function dropUnused({connection, catalog}: Publication, schemas: readonly string[]): Promise<void> {
  const held = await queryRows(
    connection,
    'SELECT schema_name FROM duckdb_tables() WHERE database_name = current_database()',
  );
  const used = new Set(held.map(([schema]) => String(schema).toLowerCase()));
  for (const schema of schemas.filter(name => !used.has(name.toLowerCase()))) {
    await connection.run(`DROP SCHEMA IF EXISTS ${quoteName(catalog, schema)}`);
  }
}

async function stageAndSwap(publication: Publication, loads: readonly Load[]): Promise<Published[]> {
  const {connection, options} = publication;
  const attempts = [];
  for (const load of loads) {
    attempts.push(await attempt(load, () => stageBeside(publication, load)));
  }
  const outcomes = holdBack(attempts, options);
  const ready = outcomes.filter(isStaged);
  const indexes = await readIndexes(connection, ready);
  await swap(publication, ready);
  const published: Published[] = [];
  for (const outcome of outcomes) {
    published.push(toPublished(outcome, await recreateIndexes(connection, indexes.get(outcome.load) ?? [])));
  }
  return published;
}

async function stageBeside(publication: Publication, load: Load): Promise<Staged> {
  const {connection, options} = publication;
  const {loadId, invalidDates, onCastError, schemaContract, loadMetadata} = options;
  const schema = schemaOf(load.target);
  const earlier = await readEarlier(connection, schema, load.target.name);
  if (earlier.isView) {
    throw new DestinationError(`${schema}.${load.target.name} is a view, so it was not replaced by a table`, {
      hint: 'Rename or drop the view, or choose another name for the table.',
    });
  }
  const staged = stagingName(publication, load);
  const casts = {invalidDates, onCastError, schemaContract, loadMetadata};
  const proved = await stage(connection, load, staged, {...casts, loadId, earlier: earlier.types});
  await keepEarlierColumns(connection, staged, earlier);
  await describeTable(connection, staged, load.table);
  return proved;
}

async function readIndexes(connection: DuckDBConnection, ready: readonly StagedOutcome[]) {
  const found = new Map<Load, readonly string[]>();
  for (const {load} of ready) {
    const {indexes} = await readEarlier(connection, schemaOf(load.target), load.target.name);
    found.set(load, indexes);
  }
  return found;
}

async function swap(publication: Publication, ready: readonly StagedOutcome[]): Promise<void> {
  const {connection, catalog} = publication;
  if (ready.length === 0) return;
  await connection.run('BEGIN TRANSACTION');
  try {
    for (const {load} of ready) {
      const schema = schemaOf(load.target);
      await connection.run(`DROP TABLE IF EXISTS ${quoteName(catalog, schema, load.target.name)}`);
      await connection.run(
        `ALTER TABLE ${stagingName(publication, load)} RENAME TO ${quoteIdentifier(load.target.name)}`,
      );
    }
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function schemaOf({schema}: Target): string {
  return schema ?? defaultSchema;
}

/** In the schema of the target, since a move from another one would copy the rows once more. */
function stagingName({catalog, options}: Publication, {target}: Load): string {
  return quoteName(catalog, schemaOf(target), `${stagingPrefix}${options.loadId}_${target.name}`);
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, {recursive: true, mode: 0o700});
  } catch (cause) {
    throw new DestinationError(`The folder ${folder} could not be created`, {cause});
  }
}
