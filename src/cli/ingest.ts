import type {CommandModule, InferredOptionTypes} from 'yargs';
import {ingestOptions} from './options.js';

export const ingestCommand: CommandModule<object, InferredOptionTypes<typeof ingestOptions> & {debug?: boolean}> = {
  command: 'ingest',
  aliases: ['run'],
  describe: 'Load tables from Docebo into your database',
  builder: cli => cli.options(ingestOptions).group(Object.keys(ingestOptions), 'Options:'),
  handler: async args => {
    const [{tables}, {selectTables}, {chooseTargets}] = await Promise.all([
      import('../../tables/index.js'),
      import('./select-tables.js'),
      import('./targets.js'),
    ]);
    const loads = chooseTargets(selectTables(tables, args.sourceTable), args.destTable);

    const [{readSettings}, {openDestination}] = await Promise.all([
      import('../source/settings.js'),
      import('../destination/open.js'),
    ]);
    const destination = openDestination(args.destUri, {lockTimeoutMs: args.lockTimeout * 1000});
    const settings = await readSettings({
      ...(args.sourceUri !== undefined && {sourceUri: args.sourceUri}),
      env: process.env,
      allowHttp: args.allowHttp,
    });

    const [{runIngest}, {defaultStateDir}] = await Promise.all([import('./run-ingest.js'), import('./state-dir.js')]);
    const report = await runIngest({
      settings,
      destination,
      loads,
      cast: {
        invalidDates: args.invalidDates,
        onCastError: args.onCastError,
        schemaContract: args.schemaContract,
        loadMetadata: args.loadMetadata,
      },
      stateDir: args.stateDir ?? defaultStateDir(process.env),
      allOrNothing: args.publish === 'all-or-nothing',
      pageSize: args.pageSize,
      parallelism: args.extractParallelism,
      progress: args.progress,
      quiet: args.quiet,
      debug: args.debug ?? false,
    });

    const {formatConcerns, formatReport} = await import('./print-report.js');
    process.stdout.write(args.json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
    process.stderr.write(formatConcerns(report));
    process.exitCode = report.exitCode;
  },
};
