import type {KeyedRow} from './known-rows.js';
import {readMoment} from './look.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Every time zone differs from UTC by a multiple of this. */
const stepMs = hourMs / 4;
const earliestMs = -12 * hourMs;
const latestMs = 14 * hourMs;

/** By how many milliseconds a clock may differ from that of UTC. */
const zonesMs: readonly number[] = Array.from(
  {length: (latestMs - earliestMs) / stepMs + 1},
  (_, index) => earliestMs + index * stepMs,
).sort((a, b) => Math.abs(a) - Math.abs(b));

/** Moments between which rows are asked for, as the bounds say it; without a later one if `to` is null. */
export interface Bounds {
  readonly from: number;
  readonly to: number | null;
}

/**
 * By how many milliseconds the clock by which a list reads bounds may differ from the one in which it sends dates, likeliest first. Which zone Docebo's bounds
 * are in is not known (tables/API.md#change-filters), but the rows show it that were let in.
 *
 * `since`: the bound that was asked for; `named`: the rows that it let in. `gone` of the others are not in the list any more, whatever their date.
 */
export function findZones(
  since: number,
  rows: Iterable<KeyedRow>,
  named: {has(key: string): boolean},
  gone: number,
): readonly number[] {
  let first = Number.POSITIVE_INFINITY;
  const late: number[] = [];
  for (const {key, changedAt} of rows) {
    const ms = readMoment(changedAt);
    if (ms === undefined) continue;
    if (named.has(key)) first = Math.min(first, ms);
    else if (ms >= since - latestMs) late.push(ms);
  }
  // A row at the very bound may be let in or not.
  return zonesMs.filter(zone => first >= since - zone && late.filter(ms => ms > since - zone).length <= gone);
}

/** Further from a row than this, a bound is beyond it however it is read: in any time zone, to the second or to the day. */
const marginMs = latestMs - earliestMs + dayMs;

/**
 * Whether a row of that moment would have been let in by bounds that let in rows of the `held` moments, in every way in which they may be read: between two
 * rows that were let in no row is left out.
 */
export function isSurelyWithin(ms: number, {from, to}: Bounds, held: Iterable<number>): boolean {
  let [isAfterFrom, isBeforeTo] = [from <= ms - marginMs, to === null || to >= ms + marginMs];
  for (const other of held) {
    isAfterFrom ||= other < ms;
    isBeforeTo ||= other > ms;
  }
  return isAfterFrom && isBeforeTo;
}

/** Bounds that let in a row of that moment, in every way in which they may be read. */
export function boundsAround(ms: number): Bounds {
  return {from: ms - marginMs, to: ms + marginMs};
}
