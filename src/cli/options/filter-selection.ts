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
  const isTaken = known.some(table => [table.name, ...table.aliases].includes(name));
  if (destTable === undefined || destTable.endsWith('*') || isTaken || name === '')
    throw new UsageError(`A filtered table needs a name of its own: ${selected.name} is that of the whole table.`, {
      hint: `Give one with --dest-table. ${hint}`,
    });
  return {...sources, tables: [{...selected, table: filterTable(selected.table, filter, name)}]};
}
