/** Visits every item, `width` at a time. Stops taking new ones at the first failure, waits for the rest, then throws it. */
export async function forEachParallel<T>(
  items: Iterable<T>,
  width: number,
  visit: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const lane = async () => {
    for (;;) {
      const next = iterator.next();
      if (next.done || failures.length > 0) return;
      try {
        await visit(next.value);
      } catch (failure) {
        failures.push(failure);
      }
    }
  };
  await Promise.all(Array.from({length: width}, lane));
  if (failures.length > 0) throw failures[0];
}

export function* countFrom(first: number, last: number): Generator<number> {
  for (let number = first; number <= last; number++) yield number;
}
