import type {Staged} from '../engine/stage.js';
import {DriftError, IncompleteError, IngestError} from '../errors.js';
import type {Load, Published, PublishOptions} from './destination.js';

/** A load that is staged and proved, or the reason why it cannot be published. */
export type Outcome =
  | {readonly load: Load; readonly staged: Staged}
  | {readonly load: Load; readonly staged: null; readonly error: IngestError};

export type StagedOutcome = Extract<Outcome, {staged: Staged}>;

/** What one table alone is to blame for must not keep the others back; anything else fails the destination. */
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

/** One table that cannot be published holds back all others, if all or none are asked for or if it can be read again. */
export function holdBack(
  outcomes: readonly Outcome[],
  {allOrNothing, awaitDrift}: Pick<PublishOptions, 'allOrNothing' | 'awaitDrift'>,
): readonly Outcome[] {
  const failed = outcomes
    .filter(outcome => !isStaged(outcome) && (allOrNothing || (awaitDrift && outcome.error instanceof DriftError)))
    .map(({load}) => load.table.name);
  if (failed.length === 0) return outcomes;
  return outcomes.map(outcome =>
    isStaged(outcome) ? {...outcome, staged: null, error: heldBack(outcome, failed)} : outcome,
  );
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
