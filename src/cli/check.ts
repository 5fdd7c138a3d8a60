import type {CommandModule, InferredOptionTypes} from 'yargs';
import {exitCodes} from '../errors.js';
import {formatTable} from './format-table.js';
import {callOptions, progressOptions, sourceOptions} from './options.js';

const checkOptions = {
  ...sourceOptions,
  ...callOptions,
  'source-table': {
    type: 'array',
    string: true,
    requiresArg: true,
    default: ['all'],
    description: 'Tables to check, written as for ingest.',
  },
  json: {type: 'boolean', default: false, description: 'Print JSON.'},
  ...progressOptions,
} as const;

export const checkCommand: CommandModule<object, InferredOptionTypes<typeof checkOptions> & {debug?: boolean}> = {
  command: 'check',
  describe: 'Ask for one record of every table and say which the credential can read',
  builder: cli => cli.options(checkOptions).group(Object.keys(checkOptions), 'Options:'),
  handler: async args => {
    const [{tables}, {selectTables}, {readAccess}, {withDocebo}, {checkTables}] = await Promise.all([
      import('../../tables/index.js'),
      import('./select-tables.js'),
      import('./read-access.js'),
      import('./with-docebo.js'),
      import('../source/check.js'),
    ]);
    const chosen = selectTables(tables, args.sourceTable).tables.map(({table}) => table);
    const checks = await withDocebo(await readAccess(args), async docebo => checkTables(docebo, chosen));

    if (args.json) {
      process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`);
    } else {
      const rows = checks.map(({table, route, readable, detail}) => [
        table,
        readable ? 'yes' : 'no',
        route ?? '',
        detail,
      ]);
      process.stdout.write(
        formatTable([{title: 'table'}, {title: 'readable'}, {title: 'route'}, {title: 'detail'}], rows),
      );
    }
    const refused = checks.filter(({readable}) => !readable).map(({table}) => table);
    if (refused.length > 0) {
      process.stderr.write(
        `docebo-ingest: the credential cannot read ${refused.join(', ')}. Leave these tables out, or have the API user given the right.\n`,
      );
      process.exitCode = exitCodes.rejected;
    }
  },
};
