import type {CommandModule} from 'yargs';
import {formatTable} from './format-table.js';

export const schemaCommand: CommandModule<object, {table: string; json: boolean}> = {
  command: 'schema <table>',
  describe: 'Show the columns of a table',
  builder: cli =>
    cli
      .positional('table', {type: 'string', demandOption: true, description: 'Name of the table.'})
      .option('json', {type: 'boolean', default: false, description: 'Print JSON Schema.', group: 'Options:'}),
  handler: async ({table: name, json}) => {
    const [{tables}, {findTable}, {toJsonSchema}] = await Promise.all([
      import('../../tables/index.js'),
      import('./select-tables.js'),
      import('./json-schema.js'),
    ]);
    const table = findTable(tables, name);
    if (json) {
      process.stdout.write(`${JSON.stringify(toJsonSchema(table), null, 2)}\n`);
      return;
    }
    const rows = Object.entries(table.columns).map(([column, {kind, description}]) => [
      column,
      kind,
      table.primaryKey.includes(column) ? 'yes' : '',
      description,
    ]);
    process.stdout.write(
      formatTable([{title: 'column'}, {title: 'kind'}, {title: 'key'}, {title: 'description'}], rows),
    );
  },
};
