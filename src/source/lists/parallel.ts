import {IncompleteError, isSetback, messageOf} from '../../errors.js';

/** Many items to visit side by side, and how to name those that are missing. */
export interface Visits<T, R> {
  readonly items: readonly T[];
  /** How many visits may be under way at once. */
  readonly width: number;
  readonly visit: (item: T) => AsyncIterable<R>;
  /** Whether to stop early, which is not a failure. @default never */
  readonly isEnough?: () => boolean;
  /** Says what could not be read. */
  readonly describe: (failed: number) => string;
  readonly nameRequest: (item: T) => string;
}

/** After more failures than this the rest is not visited: the items are not the problem. */
const mostFailures = 3;

/**
 * Visits items side by side and yields what the visits yield, as it comes. Visits do not wait for their reader, unless only one may be under way.
 *
 * A setback ends one visit only. After four of them no further visit begins. Then this throws IncompleteError, with the requests of all missing
 * items, visited or not. Any other error is thrown once the visits under way have ended, and what they yielded has been passed on.
 */
export async function* visitParallel<T, R>(visits: Visits<T, R>): AsyncGenerator<R, void> {
  const {items, width, visit, isEnough = () => false} = visits;
  if (width === 1) return yield* visitInTurn(visits);
  const failures: Failed<T>[] = [];
  const fatal: unknown[] = [];
  const arrived: R[] = [];
  const iterator = items[Symbol.iterator]();
  let visited = 0;
  let lanes = 0;
  let wake = () => {};
  const lane = async () => {
    lanes++;
    while (fatal.length === 0 && failures.length <= mostFailures && !isEnough()) {
      const next = iterator.next();
      if (next.done) break;
      visited++;
      try {
        for await (const result of visit(next.value)) {
          arrived.push(result);
          wake();
        }
      } catch (error) {
        if (isSetback(error)) failures.push({item: next.value, error});
        else fatal.push(error);
      }
    }
    lanes--;
    wake();
  };
  for (let begun = 0; begun < Math.min(width, items.length); begun++) void lane();
  while (lanes > 0 || arrived.length > 0) {
    yield* arrived.splice(0);
    if (lanes > 0 && arrived.length === 0)
      await new Promise<void>(resolve => {
        wake = resolve;
      });
  }
  if (fatal.length > 0) throw fatal[0];
  refuseFailures(visits, failures, items.slice(visited));
}

/** Visits one item after the other. The next visit begins when its reader asks for more, so a reader that stops costs no further call. */
async function* visitInTurn<T, R>(visits: Visits<T, R>): AsyncGenerator<R, void> {
  const {items, visit, isEnough = () => false} = visits;
  const failures: Failed<T>[] = [];
  let visited = 0;
  for (const item of items) {
    if (failures.length > mostFailures || isEnough()) break;
    visited++;
    try {
      yield* visit(item);
    } catch (error) {
      if (!isSetback(error)) throw error;
      failures.push({item, error});
    }
  }
  refuseFailures(visits, failures, items.slice(visited));
}

interface Failed<T> {
  readonly item: T;
  readonly error: unknown;
}

/** Throws if any visit failed. `left`: the items that were not visited, which is no failure if enough of them were. */
function refuseFailures<T, R>(
  {describe, nameRequest}: Visits<T, R>,
  failures: readonly Failed<T>[],
  left: readonly T[],
): void {
  const [first] = failures;
  if (first === undefined) return;
  const rest = left.length === 0 ? '' : ` ${left.length} more were not asked for.`;
  throw new IncompleteError(`${describe(failures.length)} could not be read: ${messageOf(first.error)}${rest}`, {
    missing: [...failures.map(({item}) => item), ...left].map(nameRequest),
    cause: first.error,
  });
}
