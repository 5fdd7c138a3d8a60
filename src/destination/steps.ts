import type {DuckDBConnection} from '@duckdb/node-api';
import {run} from '../engine/duckdb.js';
import {firstLine, isDuckdbFailure, isFileFailure, isOutOfMemory} from '../engine/failures.js';
import {joinSql, type Sql, sql} from '../engine/sql.js';

/** A statement that gives a new table something that the earlier one had. */
export interface Step {
  /** What is lost if it fails. */
  readonly what: string;
  /** Left out: DuckDB has no statement for it. */
  readonly statement: Sql | undefined;
  /** The step to take in its place if it fails. */
  readonly instead?: Step;
}

/** Runs all in one transaction: each statement by itself would wait for the disk, 3.5 ms, or 1.7 s for 500 columns. */
export async function runTogether(connection: DuckDBConnection, statements: readonly Sql[]): Promise<void> {
  try {
    await run(connection, joinSql([sql`BEGIN TRANSACTION`, ...statements, sql`COMMIT`], sql`; `));
  } catch (error) {
    await run(connection, sql`ROLLBACK`).catch(() => undefined);
    throw error;
  }
}

/**
 * Like `takeSteps`, but in one transaction if every step succeeds. Only for steps that neither check nor compute rows: DuckDB (1.5.6)
 * cannot commit some of the others together, and says so only at the commit.
 */
export async function takeTogether(connection: DuckDBConnection, steps: readonly Step[]): Promise<readonly string[]> {
  if (steps.length === 0) return [];
  try {
    await runTogether(
      connection,
      steps.flatMap(({statement}) => (statement === undefined ? [] : [statement])),
    );
    return [];
  } catch (error) {
    if (!isAboutTheStep(error) && !isConflict(error)) throw error;
  }
  return takeSteps(connection, steps);
}

/** Takes one step after the other, and returns a warning for each that fails. */
export async function takeSteps(connection: DuckDBConnection, steps: readonly Step[]): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const step of steps) warnings.push(...(await takeStep(connection, step)));
  return warnings;
}

async function takeStep(connection: DuckDBConnection, {what, statement, instead}: Step): Promise<string[]> {
  if (statement === undefined) return [`The ${what} was lost, since DuckDB cannot add it to a table`];
  try {
    await run(connection, statement);
    return [];
  } catch (error) {
    if (!isAboutTheStep(error)) throw error;
    const lost = `The ${what} was lost, since it cannot be given to the new table: ${firstLine(error)}`;
    return [lost, ...(instead === undefined ? [] : await takeStep(connection, instead))];
  }
}

function isConflict(error: unknown): boolean {
  return isDuckdbFailure(error) && error.message.includes('another transaction has altered this table');
}

/** Lack of memory does not concern the step: the table fails or is tried again with more, rather than lose a constraint. */
function isAboutTheStep(error: unknown): error is Error {
  return isDuckdbFailure(error) && !isFileFailure(error) && !isOutOfMemory(error);
}
