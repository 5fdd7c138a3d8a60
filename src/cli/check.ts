import type {CommandModule, InferredOptionTypes} from 'yargs';
import {formatTable} from './format-table.js';
import {callOptions, destinationOptions, type GlobalArgs, progressOptions, sourceOptions} from './options.js';
import {print, printJson} from './print.js';

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
  'dest-uri': {
    ...destinationOptions['dest-uri'],
    description: 'A destination to check too, with the state folder, before anything is asked for: as for ingest.',
  },
  'dest-table': destinationOptions['dest-table'],
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
    const [{loadDuckdb}, {checkDestination, checkStateDir}] = await Promise.all([
      import('../engine/native.js'),
      import('./check-places.js'),
    ]);
    const selection = selectTables(tables, args.sourceTable);
    const chosen = selection.tables.map(({table}) => table);
    const access = await readAccess(args);
    await loadDuckdb();
    if (args.destUri !== undefined) {
      const [{openDestination}, {chooseTargets}] = await Promise.all([
        import('../destination/open.js'),
        import('./targets.js'),
      ]);
      const targets = chooseTargets(selection, args.destTable).map(({target}) => target);
      await checkDestination(openDestination(args.destUri), targets, args.progress);
    }
    if (args.destUri !== undefined || args.stateDir !== undefined) await checkStateDir(access.stateDir);
    const checks = await withDocebo(access, async docebo =>
      checkTables(docebo, chosen, openRouteMemory(access.stateDir, docebo)),
    );

    if (args.json) {
      await printJson(checks, 2);
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
