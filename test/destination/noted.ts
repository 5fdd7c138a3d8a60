import type {Destination, Load, Published, PublishOptions} from '../../src/destination/destination.js';
import {openLedger} from '../../src/ledger-rows.js';
import type {Extracted} from '../../src/report-tables.js';

/** A load as a run has it after the table was read. */
export function toExtracted({table, target, spooled}: Load): Extracted {
  const value = {spooled, route: '/users', requests: 3, planned: 3, seconds: 1, tolerated: [], warnings: []};
  return {table, target, result: {status: 'fulfilled', value}};
}

export function toFacts({loadId, workDir}: PublishOptions) {
  return {loadId, workDir, startedAt: new Date(), signal: undefined};
}

/** Publishes as a run does, with its ledger. */
export async function publishNoted(
  destination: Destination,
  loads: readonly Load[],
  options: PublishOptions,
  endedAt?: Date,
): Promise<readonly Published[]> {
  const makeRows = await openLedger(toFacts(options), loads.map(toExtracted), destination);
  const ledger: typeof makeRows = published =>
    makeRows(published).map(({target, values}) => ({
      target,
      values: {...values, ...(endedAt && {ended_at: endedAt.toISOString()})},
    }));
  return destination.publish(loads, {...options, ledger});
}
