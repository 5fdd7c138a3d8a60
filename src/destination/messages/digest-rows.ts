import {createHash} from 'node:crypto';
import type {CastOptions} from '../../choices.js';
import type {EvolvedColumn} from '../../engine/evolve.js';
import {version} from '../../version.js';
import type {LineColumn} from '../formats/line-format.js';

/**
 * A digest of all that decides how a record becomes the row that is sent, beside the record itself. If it differs from that of an earlier load, so may any
 * row, whenever its record was read.
 */
export function digestRows(
  sent: readonly LineColumn[],
  evolved: readonly EvolvedColumn[],
  {invalidDates, schemaContract}: Pick<CastOptions, 'invalidDates' | 'schemaContract'>,
): string {
  const columns = sent.map(({name, type}) => [name, type]);
  const keys = evolved.map(({key, name, labels, field}) => [
    name,
    labels ?? key,
    ...(labels === undefined ? [] : [Object.entries(field?.options ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))]),
  ]);
  // How declared columns are read, and how values are cast, is up to the version.
  const decisive = [version, invalidDates, schemaContract, columns.sort(), keys.sort()];
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex').slice(0, 16);
}
