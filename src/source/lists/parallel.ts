import {IncompleteError, messageOf} from '../../errors.js';

/** What came of visiting many items. */
export interface Visits<T> {
  readonly failures: readonly {readonly item: T; readonly error: unknown}[];
  /** Items that were not visited any more. */
  readonly left: readonly T[];
}

/** More failures than this, and the rest is not visited: the trouble is not with the items. */
const mostFailures = 3;

/**
 * Visits every item, `width` at a time, or as many as are `enough`. Goes on after a failure that `isItsOwn`, up to three of them; any
 * other one is thrown once those under way have ended.
 */
export async function visitParallel<T>(
  items: readonly T[],
  width: number,
  visit: (item: T) => Promise<void>,
  isItsOwn: (error: unknown) => boolean,
  isEnough: () => boolean = () => false,
): Promise<Visits<T>> {
  const failures: {item: T; error: unknown}[] = [];
  const fatal: unknown[] = [];
  const iterator = items[Symbol.iterator]();
  let visited = 0;
  const lane = async () => {
    while (fatal.length === 0 && failures.length <= mostFailures && !isEnough()) {
      const next = iterator.next();
      if (next.done) return;
      visited++;
      try {
        await visit(next.value);
      } catch (error) {
        if (isItsOwn(error)) failures.push({item: next.value, error});
        else fatal.push(error);
      }
    }
  };
  await Promise.all(Array.from({length: Math.min(width, items.length)}, lane));
  if (fatal.length > 0) throw fatal[0];
  return {failures, left: items.slice(visited)};
}

/** Throws IncompleteError if any visit failed, with the requests of all that is missing, what was not visited any more included. */
export function refuseMissing<T>(
  {failures, left}: Visits<T>,
  describe: (failed: number) => string,
  nameRequest: (item: T) => string,
): void {
  const [first] = failures;
  if (first === undefined) return;
  const rest = left.length === 0 ? '' : ` ${left.length} more were not asked for.`;
  throw new IncompleteError(`${describe(failures.length)} could not be read: ${messageOf(first.error)}${rest}`, {
    missing: [...failures.map(({item}) => item), ...left].map(nameRequest),
    cause: first.error,
  });
}
