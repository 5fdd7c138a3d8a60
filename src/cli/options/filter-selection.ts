import {toSnakeCase} from '../../engine/name-keys.js';
import {UsageError} from '../../errors.js';
import {type FilterValues, filterTable} from '../../filter-table.js';
import type {Table} from '../../table.js';
import type {Sources} from './select-reports.js';
import {chooseTargets} from './select-tables.js';

const hint = 'For example --source-table users --filter search_text=ann --dest-table docebo.users_ann.';

/** The one table that is asked for, limited by the filters and called after its destination. Throws UsageError for any other selection. */
export function filterSelection(
  known: readonly Table[],
  sources: Sources,
  filter: FilterValues,
  destTable: string | undefined,
): Sources {
  const [selected, other] = sources.tables;
  if (selected === undefined || other !== undefined || sources.many || sources.reports.length > 0)
    throw new UsageError('--filter limits one table, which --source-table has to name.', {hint});
  const [target] = chooseTargets(sources, destTable).map(each => each.target);
  const name = toSnakeCase(target?.name ?? '');
  if (destTable === undefined || destTable.endsWith('*') || name === '') throw refuseName(selected.name);
  refuseWholeName(known, selected.name, name);
  return {...sources, tables: [{...selected, table: filterTable(selected.table, filter, name)}]};
}

/** Throws UsageError if a filtered table is to be called as a whole one. */
export function refuseWholeName(known: readonly Table[], of: string, name: string): void {
  const folded = toSnakeCase(name);
  if (known.some(table => [table.name, ...table.aliases].includes(folded))) throw refuseName(of);
}

function refuseName(of: string): UsageError {
  return new UsageError(`A filtered table needs a name of its own: ${of} is that of the whole table.`, {
    hint: `Give one with --dest-table. ${hint}`,
  });
}
