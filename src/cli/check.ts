import type {CommandModule, InferredOptionTypes} from 'yargs';
import {exitCodes} from '../errors.js';
import {formatTable} from './format-table.js';
import {progressOptions, sourceOptions} from './options.js';

const checkOptions = {
  ...sourceOptions,
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
    const [{tables}, {selectTables}, {readSettings}, {openDocebo}, {checkTables}, {openProgress}, {withInterrupt}] =
      await Promise.all([
        import('../../tables/index.js'),
        import('./select-tables.js'),
        import('../source/settings.js'),
        import('../source/docebo.js'),
        import('../source/check.js'),
        import('./progress.js'),
        import('./interrupt.js'),
      ]);
    const chosen = selectTables(tables, args.sourceTable).tables.map(({table}) => table);
    const settings = await readSettings({
      ...(args.sourceUri !== undefined && {sourceUri: args.sourceUri}),
      env: process.env,
      allowHttp: args.allowHttp,
    });
    const progress = await openProgress({progress: args.progress, quiet: args.quiet, debug: args.debug ?? false});
    const checks = await withInterrupt(async signal => {
      const docebo = openDocebo(settings, {
        pageSize: args.pageSize,
        parallelism: args.extractParallelism,
        onEvent: progress.onEvent,
        signal,
      });
      try {
        return await checkTables(docebo, chosen);
      } finally {
        await docebo.close();
        progress.close();
      }
    });

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
