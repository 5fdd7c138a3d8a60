import type {CommandModule, InferredOptionTypes} from 'yargs';
import {parentsOf} from '../table.js';
import {formatTable} from './format-table.js';
import {print, printJson} from './print.js';

export const tablesOptions = {
  json: {type: 'boolean', default: false, description: 'Print JSON.'},
} as const;

export const tablesCommand: CommandModule<object, InferredOptionTypes<typeof tablesOptions>> = {
  command: 'tables',
  describe: 'List the tables that can be ingested',
  builder: cli => cli.options(tablesOptions).group(Object.keys(tablesOptions), 'Options:'),
  handler: async ({json}) => {
    const {tables} = await import('../../tables/index.js');
    if (json) {
      const listed = tables.map(table => ({
        name: table.name,
        aliases: table.aliases,
        description: table.description,
        primary_key: table.primaryKey,
        columns: Object.keys(table.columns),
        parents: parentsOf(table).map(({name}) => name),
      }));
      await printJson(listed, 2);
      return;
    }
    const rows = tables.map(table => [table.name, table.primaryKey.join(', '), table.description]);
    await print(formatTable([{title: 'table'}, {title: 'primary key'}, {title: 'description'}], rows));
  },
};
