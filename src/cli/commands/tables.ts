import {tables} from '../../../tables/index.js';
import {mergesOf} from '../../docs.js';
import {toJsonSchema} from '../../json-schema.js';
import {isBulk, parentsOf} from '../../routes.js';
import type {Args, schemaOptions, tablesOptions} from '../options/command-options.js';
import {findTable} from '../options/select-tables.js';
import {formatTable, groupByArea} from '../printing/format.js';
import {print, printJson} from '../printing/print.js';

export async function listTables({json}: Args<typeof tablesOptions>): Promise<void> {
  if (json) {
    const listed = tables.map(table => ({
      name: table.name,
      aliases: table.aliases,
      area: table.area,
      bulk: isBulk(table),
      description: table.description,
      primary_key: table.primaryKey,
      columns: Object.keys(table.columns),
      parents: parentsOf(table).map(({name}) => name),
      merged_by: mergesOf(table).map(({restsOn, evidence}) => ({rests_on: restsOn.replaceAll('`', ''), evidence})),
    }));
    return printJson(listed);
  }
  const rows = groupByArea(
    tables,
    ({area}) => area,
    table => [table.name, table.primaryKey.join(', '), table.description],
  );
  await print(
    formatTable([{title: 'table'}, {title: 'primary key', wraps: true}, {title: 'description', wraps: true}], rows),
  );
}

export async function showSchema(args: Args<typeof schemaOptions> & {readonly table: string}): Promise<void> {
  const table = findTable(tables, args.table);
  if (args.json) return printJson(toJsonSchema(table));
  const rows = Object.entries(table.columns).map(([column, {kind, description}]) => [
    column,
    kind,
    table.primaryKey.includes(column) ? 'yes' : '',
    description,
  ]);
  await print(
    formatTable([{title: 'column'}, {title: 'kind'}, {title: 'key'}, {title: 'description', wraps: true}], rows),
  );
}
