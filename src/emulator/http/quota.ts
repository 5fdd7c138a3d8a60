export interface Quota {
  /** Takes one call out of the allowance, or says after how many seconds the next one fits. */
  take(): number | undefined;
}

/** The rounding error, in calls, of an hour's leak that is summed in fractions. */
const rounding = 1e-9;

/** A leaky bucket that holds an hour's calls (tables/API.md#rate-limits). */
export function createQuota(perHour: number, now: () => number): Quota {
  const leakPerMs = perHour / 3_600_000;
  let level = 0;
  let last = now();
  return {
    take() {
      const at = now();
      level = Math.max(0, level - (at - last) * leakPerMs);
      last = at;
      const over = level + 1 - perHour;
      if (over > rounding) return Math.ceil((over * 3600) / perHour - rounding);
      level += 1;
      return undefined;
    },
  };
}
