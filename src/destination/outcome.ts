import type {Staged} from '../engine/stage.js';
import {
  ContractError,
  DestinationError,
  DriftError,
  IncompleteError,
  IngestError,
  ResponseError,
  RouteChangeError,
} from '../errors.js';
import type {Load, Published, PublishOptions} from './destination.js';

/** A load that is staged and proved, or the reason it cannot be published. */
export type Outcome =
  | {readonly load: Load; readonly staged: Staged}
  | {readonly load: Load; readonly staged: null; readonly error: IngestError};

export type StagedOutcome = Extract<Outcome, {staged: Staged}>;

/** Proves one load after the other, and tells how far that has come. */
export async function attemptEach(
  loads: readonly Load[],
  {onEvent}: Pick<PublishOptions, 'onEvent'>,
  prove: (load: Load, index: number) => Promise<Staged>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [index, load] of loads.entries()) {
    onEvent?.({type: 'publishing', table: load.table.name, done: index, tables: loads.length});
    outcomes.push(await attempt(load, async () => prove(load, index)));
  }
  return outcomes;
}

/** A failure that concerns one table must not hold back the others; any other failure fails the destination. */
export async function attempt(load: Load, prove: () => Promise<Staged>): Promise<Outcome> {
  try {
    return {load, staged: await prove()};
  } catch (error) {
    if (error instanceof IngestError) return {load, staged: null, error};
    throw error;
  }
}

export function isStaged(outcome: Outcome): outcome is StagedOutcome {
  return outcome.staged !== null;
}

/**
 * Holds back the children of a refused table: if it lacks rows, they lack the rows that belong to those. One table that cannot be
 * published holds back all others with `allOrNothing`, or if it can be read again.
 */
export function holdBack(
  attempted: readonly Outcome[],
  {allOrNothing, awaitDrift}: Pick<PublishOptions, 'allOrNothing' | 'awaitDrift'>,
): readonly Outcome[] {
  const outcomes = attempted.map(outcome => holdOrphan(outcome, attempted));
  const failed = outcomes
    .filter(each => !isStaged(each) && (allOrNothing || (awaitDrift && canBeReadAgain(each.load, each.error))))
    .map(({load}) => load.table.name);
  if (failed.length === 0) return outcomes;
  return outcomes.map(outcome =>
    isStaged(outcome) ? {...outcome, staged: null, error: heldBack(outcome, failed)} : outcome,
  );
}

/** Whether a table that cannot be published may be if it is read again: rows moved meanwhile; or it was merged, and can be read whole. */
export function canBeReadAgain(load: Load, error: Error): boolean {
  return error instanceof DriftError || canBeReadWhole(load, error);
}

/** Whether a table may be published if all of it is read anew, by the route of the earlier table. */
export function canBeReadWhole({isMerged}: Pick<Load, 'isMerged'>, error: Error): boolean {
  return isMerged !== undefined && (error instanceof RouteChangeError || (isMerged && error instanceof ResponseError));
}

function holdOrphan(outcome: Outcome, outcomes: readonly Outcome[]): Outcome {
  const {ancestors = [], table} = outcome.load;
  const parent = outcomes.find(other => ancestors.includes(other.load.table.name) && doubtsRows(other));
  if (!isStaged(outcome) || parent === undefined || isStaged(parent)) return outcome;
  const {name} = parent.load.table;
  const error = new IncompleteError(`${table.name} depends on the rows of ${name}, which was refused`, {
    cause: parent.error,
  });
  return {load: outcome.load, staged: null, error};
}

/** A place that cannot be written and a key that is not allowed do not cast doubt on the rows. */
function doubtsRows(outcome: Outcome): boolean {
  return !isStaged(outcome) && !(outcome.error instanceof DestinationError || outcome.error instanceof ContractError);
}

function heldBack({load}: Outcome, failed: readonly string[]): IncompleteError {
  return new IncompleteError(`${load.table.name} is complete, but was held back by ${failed.join(', ')}`, {
    hint: 'All tables or none were asked for.',
  });
}

export function toPublished(outcome: Outcome, moreWarnings: readonly string[] = []): Published {
  const table = outcome.load.table.name;
  if (!isStaged(outcome)) {
    const none = {invalidDates: {}, castFailures: {}, mendedTexts: {}};
    return {table, rows: 0, ...none, warnings: [...moreWarnings], error: outcome.error};
  }
  const {warnings, rows, invalidDates, castFailures, mendedTexts} = outcome.staged;
  return {table, rows, invalidDates, castFailures, mendedTexts, warnings: [...warnings, ...moreWarnings]};
}
