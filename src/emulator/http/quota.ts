export interface Quota {
  /** Takes one call out of the allowance, or says after how many seconds the next one fits. */
  take(): number | undefined;
}

/** A leaky bucket that holds an hour's calls (api-facts §3). */
export function createQuota(perHour: number, now: () => number): Quota {
  const leakPerMs = perHour / 3_600_000;
  let level = 0;
  let last = now();
  return {
    take() {
      const at = now();
      level = Math.max(0, level - (at - last) * leakPerMs);
      last = at;
      if (level + 1 > perHour) return Math.ceil((level + 1 - perHour) / leakPerMs / 1000);
      level += 1;
      return undefined;
    },
  };
}
