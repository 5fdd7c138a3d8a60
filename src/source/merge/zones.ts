import type {KeyedRow} from './known-rows.js';
import {readMoment} from './look.js';

const hourMs = 3_600_000;
/** Every time zone differs from UTC by a multiple of this. */
const stepMs = hourMs / 4;
const earliestMs = -12 * hourMs;
const latestMs = 14 * hourMs;

/**
 * By how many milliseconds the clock by which a list reads bounds may differ from the one in which it sends dates, likeliest first. Which zone Docebo's bounds
 * are in is not known (tables/API.md#change-filters), but the rows show it that were let in.
 *
 * `sinceMs`: the bound that was asked for; `named`: the rows that it let in; `others`: those that it left out, of which `gone` are not in the list any more,
 * whatever their date.
 */
export function findZones(
  sinceMs: number,
  named: Iterable<Pick<KeyedRow, 'changedAt'>>,
  others: Iterable<Pick<KeyedRow, 'changedAt'>>,
  gone: number,
): readonly number[] {
  let first = Number.POSITIVE_INFINITY;
  for (const {changedAt} of named) first = Math.min(first, readMoment(changedAt) ?? first);
  const late: number[] = [];
  for (const {changedAt} of others) {
    const ms = readMoment(changedAt) ?? Number.NEGATIVE_INFINITY;
    if (ms >= sinceMs - latestMs) late.push(ms);
  }
  const zones: number[] = [];
  for (let zone = earliestMs; zone <= latestMs; zone += stepMs) {
    const bound = sinceMs - zone;
    // A row at the very bound may be let in or not.
    if (first >= bound && late.filter(ms => ms > bound).length <= gone) zones.push(zone);
  }
  return zones.sort((a, b) => Math.abs(a) - Math.abs(b));
}
