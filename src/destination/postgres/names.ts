import {createHash} from 'node:crypto';
import {DestinationError} from '../../errors.js';
import type {Target} from '../destination.js';
import type {Place} from '../difference/plan.js';

/** Postgres cuts a longer name off without a word, and two names may then be one. */
const mostBytes = 63;

/** Shortens a name that Postgres would cut off. Digits of its hash tell it from others that begin alike. */
export function shortenName(name: string): string {
  if (Buffer.byteLength(name) <= mostBytes) return name;
  const ending = `_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
  let kept = '';
  for (const letter of name) {
    if (Buffer.byteLength(kept + letter) > mostBytes - ending.length) break;
    kept += letter;
  }
  return kept + ending;
}

export function warnOfShortened(what: string, name: string): readonly string[] {
  const short = shortenName(name);
  if (short === name) return [];
  return [
    `The ${what} ${name} is longer than the ${mostBytes} bytes that Postgres keeps of a name, so it is called ${short}`,
  ];
}

export function locate({schema, name}: Target): Place {
  return [shortenName(schema ?? 'public'), shortenName(name)];
}

/** Refuses the schemas that Postgres keeps for itself. */
export function refuseSystemSchemas(targets: readonly Target[]): void {
  const odd = targets.find(({schema}) => schema !== null && /^(pg_.*|information_schema)$/.test(schema));
  if (odd === undefined) return;
  throw new DestinationError(`No table can be put into the schema ${odd.schema}, which is Postgres's own`, {
    hint: 'Choose another schema.',
  });
}
