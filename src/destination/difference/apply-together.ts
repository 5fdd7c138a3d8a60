import type {LedgerRow, Load, PublishOptions} from '../destination.js';
import {holdBack, isStaged, type Outcome, toPublished} from '../outcome.js';
import {applyAll, type Ready} from './apply.js';
import type {Dialect} from './dialect.js';
import type {Plan} from './plan.js';

/** The transaction in which all is written. */
interface Transaction {
  readonly begin: (tables: readonly Ready[]) => Promise<void>;
  /** Appends to the ledgers. Returns warnings; null if a ledger has spoilt the transaction, and is left out of the next one. */
  readonly append: (rows: readonly LedgerRow[]) => Promise<readonly string[] | null>;
  /** Returns warnings; null if a ledger was in the way. */
  readonly commit: () => Promise<readonly string[] | null>;
  readonly rollBack: () => Promise<void>;
}

interface Together {
  readonly outcomes: readonly Outcome[];
  readonly warnings: readonly string[];
  /** Of the tables that are known to hold the proved rows: see `applyAll`. */
  readonly versions: ReadonlyMap<Load, string>;
}

/** Leaves out a table that cannot be written, and starts again with the others. */
export async function applyTogether(
  dialect: Dialect,
  {begin, append, commit, rollBack}: Transaction,
  attempts: readonly Outcome[],
  options: PublishOptions,
  plans: ReadonlyMap<Load, Plan>,
): Promise<Together> {
  let outcomes = holdBack(attempts, options);
  for (;;) {
    const ready = outcomes.filter(isStaged).flatMap(({load}) => {
      const plan = plans.get(load);
      return plan === undefined ? [] : [{load, plan}];
    });
    if (ready.length === 0) return {outcomes, warnings: [], versions: new Map()};
    await begin(ready);
    const {obstacle, versions} = await applyAll(dialect, ready, options);
    if (obstacle === undefined) {
      const noted = await append(options.ledger?.(outcomes.map(outcome => toPublished(outcome))) ?? []);
      const warnings = noted && (await commit());
      if (noted !== null && warnings !== null) return {outcomes, warnings: [...noted, ...warnings], versions};
    }
    await rollBack();
    if (obstacle === undefined) continue;
    const refused = outcomes.map(outcome =>
      outcome.load === obstacle.load ? {load: outcome.load, staged: null, error: obstacle.error} : outcome,
    );
    outcomes = holdBack(refused, options);
  }
}
