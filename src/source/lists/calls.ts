import type {Budget} from '../http/budget.js';

/** Counts the calls for one table, those made and those known to be needed, and tells the budget how many are needed. */
export class Calls {
  /** Retries included. */
  made: number;
  /** Known to be needed, those made included. */
  expected = 0;
  /** Calls that the table's own lists or its parents said it would take. */
  planned = 0;
  readonly #budget: Pick<Budget, 'expect'>;
  #plansPages = true;

  /** `made`: calls of an earlier attempt, which count too. */
  constructor(budget: Pick<Budget, 'expect'>, made = 0) {
    this.#budget = budget;
    this.made = made;
  }

  /** Plans the first call for the table's own list. `isMade`: an earlier run has made it. */
  plan(isMade: boolean): void {
    this.planned++;
    if (!isMade) this.#tell(1);
  }

  /** Plans the first call for each list and nothing else: how many pages the lists have is known too late for a plan. */
  planFirst(lists: number): void {
    this.planned += lists;
    this.#plansPages = false;
  }

  /** `calls` more calls are known to be needed. Throws IncompleteError if they cannot be made in time. */
  expect(calls: number): void {
    this.#tell(calls);
    if (this.#plansPages) this.planned += calls;
  }

  #tell(calls: number): void {
    this.expected += calls;
    this.#budget.expect(calls);
  }
}
