import {mkdir} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {withDuckdb} from '../engine/duckdb.js';
import {quoteIdentifier, quoteName} from '../engine/quote.js';
import {stage} from '../engine/stage.js';
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
  if (file !== ':memory:') await makeFolder(dirname(file));
  return withDuckdb(file, options, async connection => {
    const schemas = [...new Set(loads.map(({target}) => schemaOf(target)))];
    for (const schema of schemas) await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`);
    await sweep(connection);
    try {
      return await stageAndSwap(connection, loads, options);
    } finally {
      await sweep(connection);
    }
  });
}

async function stageAndSwap(connection: DuckDBConnection, loads: readonly Load[], options: DuckdbPublishOptions) {
  const attempts = [];
  for (const load of loads) {
    const staging = stagingName(load, options.loadId);
    attempts.push(await attempt(load, () => stageBeside(connection, load, staging, options)));
  }
  const outcomes = holdBack(attempts, options.allOrNothing);
  const ready = outcomes.filter(isStaged);
  const indexes = await readIndexes(connection, ready);
  await swap(connection, ready, options.loadId);
  const published: Published[] = [];
  for (const outcome of outcomes) {
    published.push(toPublished(outcome, await recreateIndexes(connection, indexes.get(outcome.load) ?? [])));
  }
  return published;
}

async function stageBeside(
  connection: DuckDBConnection,
  load: Load,
  staging: string,
  {loadId, invalidDates, onCastError, schemaContract, loadMetadata}: DuckdbPublishOptions,
) {
  const schema = schemaOf(load.target);
  const earlier = await readEarlier(connection, schema, load.target.name);
  if (earlier.isView) {
    throw new DestinationError(`${schema}.${load.target.name} is a view, so it was not replaced by a table`, {
      hint: 'Rename or drop the view, or choose another name for the table.',
    });
  }
  const staged = quoteName(schema, staging);
  const casts = {invalidDates, onCastError, schemaContract, loadMetadata};
  const proved = await stage(connection, load, staged, {...casts, loadId, earlier: earlier.types});
  await keepEarlierColumns(connection, schema, staging, earlier);
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

async function swap(connection: DuckDBConnection, ready: readonly StagedOutcome[], loadId: string): Promise<void> {
  if (ready.length === 0) return;
  await connection.run('BEGIN TRANSACTION');
  try {
    for (const {load} of ready) {
      const schema = schemaOf(load.target);
      await connection.run(`DROP TABLE IF EXISTS ${quoteName(schema, load.target.name)}`);
      const staged = quoteName(schema, stagingName(load, loadId));
      await connection.run(`ALTER TABLE ${staged} RENAME TO ${quoteIdentifier(load.target.name)}`);
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

function stagingName({target}: Load, loadId: string): string {
  return `${stagingPrefix}${loadId}_${target.name}`;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, {recursive: true, mode: 0o700});
  } catch (cause) {
    throw new DestinationError(`The folder ${folder} could not be created`, {cause});
  }
}
