import type {CommandModule, InferredOptionTypes} from 'yargs';
import {formatTable} from './format-table.js';
import {print, printJson} from './print.js';

export const schemaOptions = {
  json: {type: 'boolean', default: false, description: 'Print JSON Schema.'},
} as const;

export const schemaCommand: CommandModule<object, InferredOptionTypes<typeof schemaOptions> & {table: string}> = {
  command: 'schema <table>',
  describe: 'Show the columns of a table',
  builder: cli =>
    cli
      .positional('table', {type: 'string', demandOption: true, description: 'Name of the table.'})
      .options(schemaOptions)
      .group(Object.keys(schemaOptions), 'Options:'),
  handler: async ({table: name, json}) => {
    const [{tables}, {findTable}, {toJsonSchema}] = await Promise.all([
      import('../../tables/index.js'),
      import('./select-tables.js'),
      import('./json-schema.js'),
    ]);
    const table = findTable(tables, name);
    if (json) {
      await printJson(toJsonSchema(table), 2);
      return;
    }
    const rows = Object.entries(table.columns).map(([column, {kind, description}]) => [
      column,
      kind,
      table.primaryKey.includes(column) ? 'yes' : '',
      description,
    ]);
    await print(formatTable([{title: 'column'}, {title: 'kind'}, {title: 'key'}, {title: 'description'}], rows));
  },
};
