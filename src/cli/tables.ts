import type {CommandModule} from 'yargs';
import {parentsOf} from '../table.js';
import {formatTable} from './format-table.js';

export const tablesCommand: CommandModule<object, {json: boolean}> = {
  command: 'tables',
  describe: 'List the tables that can be ingested',
  builder: cli => cli.option('json', {type: 'boolean', default: false, description: 'Print JSON.', group: 'Options:'}),
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
      process.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
      return;
    }
    const rows = tables.map(table => [table.name, table.primaryKey.join(', '), table.description]);
    process.stdout.write(formatTable([{title: 'table'}, {title: 'primary key'}, {title: 'description'}], rows));
  },
};
