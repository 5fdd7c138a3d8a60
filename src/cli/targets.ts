import type {Target} from '../destination/destination.js';
import {UsageError} from '../errors.js';
import type {Table} from '../table.js';
import type {Selection} from './select-tables.js';

interface TargetedTable {
  readonly table: Table;
  readonly target: Target;
}

/** Says where each table lands. `destTable` is a table for one source table and a schema for several. */
export function chooseTargets({tables, many}: Selection, destTable: string | undefined): readonly TargetedTable[] {
  return tables.map(({table, name}) => ({table, target: chooseTarget(name, many, destTable)}));
}

function chooseTarget(name: string, many: boolean, destTable: string | undefined): Target {
  if (destTable === undefined) return {schema: null, name};
  const [first = '', second, ...rest] = destTable.split('.');
  if (first === '' || second === '' || rest.length > 0) {
    throw new UsageError(`--dest-table ${destTable} is neither a table nor schema.table.`, {
      hint: 'Write it like dest.users, or dest.* for several tables.',
    });
  }
  if (second === '*') return {schema: first, name};
  if (many) {
    if (second === undefined) return {schema: first, name};
    throw new UsageError(`--dest-table ${destTable} is one table, but several are to be written.`, {
      hint: `With several tables --dest-table is a schema: ${first} or '${first}.*'.`,
    });
  }
  return second === undefined ? {schema: null, name: first} : {schema: first, name: second};
}
