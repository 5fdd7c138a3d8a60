import {IncompleteError} from '../errors.js';
import type {PublishOptions} from './destination.js';

/**
 * An API that loses a permission or a filter sends fewer rows without an error. Throws IncompleteError if no rows came and the earlier
 * table has some, or if more than the allowed share is gone. Only `allowEmpty` allows no rows at all.
 */
export function refuseShrunken(
  table: string,
  earlierRows: number,
  rows: number,
  {maxShrinkPercent, allowEmpty}: Pick<PublishOptions, 'maxShrinkPercent' | 'allowEmpty'>,
): void {
  if (earlierRows === 0) return;
  if (rows === 0) {
    if (allowEmpty) return;
    throw new IncompleteError(`${table}: no rows came, and the earlier table has ${count(earlierRows)}`, {
      hint: 'The earlier table was kept. If there is nothing left in Docebo, allow it with --allow-empty.',
      allowedBy: {'allow-empty': true},
    });
  }
  const gone = earlierRows - rows;
  if (gone * 100 <= maxShrinkPercent * earlierRows) return;
  const allowed = Math.ceil((gone * 100) / earlierRows);
  const percent = Math.floor((gone / earlierRows) * 1000) / 10;
  throw new IncompleteError(
    `${table}: ${count(rows)} came, and the earlier table has ${earlierRows.toLocaleString('en')}: ${percent} % are gone, more ` +
      `than the ${maxShrinkPercent} % that are allowed`,
    {
      hint: `The earlier table was kept. If that many are gone from Docebo, allow it with --max-shrink ${allowed}.`,
      allowedBy: {'max-shrink': allowed},
    },
  );
}

function count(rows: number): string {
  return `${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'}`;
}
