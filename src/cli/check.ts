import type {CommandModule, InferredOptionTypes} from 'yargs';
import {formatTable} from './format-table.js';
import {callOptions, type GlobalArgs, progressOptions, sourceOptions} from './options.js';
import {print} from './print.js';

export const checkOptions = {
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

export const checkCommand: CommandModule<object, InferredOptionTypes<typeof checkOptions> & GlobalArgs> = {
  command: 'check',
  describe: 'Ask for one record of every table and say which the credential can read',
  builder: cli => cli.options(checkOptions).group(Object.keys(checkOptions), 'Options:'),
  handler: async args => {
    const [{tables}, {selectTables}, {readAccess}, {withDocebo}, {checkTables}, {refuseUnreadable}, {openRouteMemory}] =
      await Promise.all([
        import('../../tables/index.js'),
        import('./select-tables.js'),
        import('./read-access.js'),
        import('./with-docebo.js'),
        import('../source/check.js'),
        import('./refuse-unreadable.js'),
        import('../source/route-memory.js'),
      ]);
    const chosen = selectTables(tables, args.sourceTable).tables.map(({table}) => table);
    const access = await readAccess(args);
    const checks = await withDocebo(access, async docebo =>
      checkTables(docebo, chosen, openRouteMemory(access.stateDir, docebo)),
    );

    if (args.json) {
      await print(`${JSON.stringify(checks, null, 2)}\n`);
    } else {
      const rows = checks.map(({table, route, readable, detail}) => [
        table,
        readable ? 'yes' : 'no',
        route ?? '',
        detail,
      ]);
      await print(formatTable([{title: 'table'}, {title: 'readable'}, {title: 'route'}, {title: 'detail'}], rows));
    }
    refuseUnreadable(checks, {gotToken: access.settings.credentials.grant !== 'token'});
  },
};
