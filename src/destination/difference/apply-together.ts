import type {Load, PublishOptions} from '../destination.js';
import {holdBack, isStaged, type Outcome} from '../outcome.js';
import {applyAll, type Ready} from './apply.js';
import type {Dialect} from './dialect.js';
import type {Plan} from './plan.js';

/** The transaction in which all is written. */
interface Transaction {
  readonly begin: (tables: readonly Ready[]) => Promise<void>;
  /** Is told what became of all loads. Returns warnings. */
  readonly commit: (outcomes: readonly Outcome[]) => Promise<readonly string[]>;
  readonly rollBack: () => Promise<void>;
}

/** Leaves out a table that cannot be written, and starts again with the others. */
export async function applyTogether(
  dialect: Dialect,
  {begin, commit, rollBack}: Transaction,
  attempts: readonly Outcome[],
  options: PublishOptions,
  plans: ReadonlyMap<Load, Plan>,
): Promise<{readonly outcomes: readonly Outcome[]; readonly warnings: readonly string[]}> {
  let outcomes = holdBack(attempts, options);
  for (;;) {
    const ready = outcomes.filter(isStaged).flatMap(({load}) => {
      const plan = plans.get(load);
      return plan === undefined ? [] : [{load, plan}];
    });
    if (ready.length === 0) return {outcomes, warnings: []};
    await begin(ready);
    const obstacle = await applyAll(dialect, ready, options);
    if (obstacle === undefined) return {outcomes, warnings: await commit(outcomes)};
    await rollBack();
    const refused = outcomes.map(outcome =>
      outcome.load === obstacle.load ? {load: outcome.load, staged: null, error: obstacle.error} : outcome,
    );
    outcomes = holdBack(refused, options);
  }
}
