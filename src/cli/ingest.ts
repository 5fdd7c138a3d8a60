import type {CommandModule, InferredOptionTypes} from 'yargs';
import {type GlobalArgs, ingestOptions} from './options.js';

export const ingestCommand: CommandModule<object, InferredOptionTypes<typeof ingestOptions> & GlobalArgs> = {
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

    const [{readAccess}, {openDestination}] = await Promise.all([
      import('./read-access.js'),
      import('../destination/open.js'),
    ]);
    const destination = openDestination(args.destUri, {lockTimeoutMs: args.lockTimeout * 1000});
    const access = await readAccess(args);

    if (args.dryRun) {
      const [{runPlan}, {checkDestination, checkStateDir}] = await Promise.all([
        import('./run-plan.js'),
        import('./check-places.js'),
      ]);
      const targets = loads.map(({target}) => target);
      await checkDestination(destination, targets, args.progress);
      await checkStateDir(access.stateDir);
      const asked = loads.map(({table}) => table);
      return runPlan(access, asked, args);
    }

    const [{runIngest}, {readChoices}, {defaultChoices}, {tellReport}] = await Promise.all([
      import('./run-ingest.js'),
      import('./read-choices.js'),
      import('../destination/destination.js'),
      import('./print-report.js'),
    ]);
    const report = await runIngest(access, {
      destination,
      stateDir: access.stateDir,
      allowOlder: args.allowOlder,
      ...readChoices(args, defaultChoices),
      loads,
      allowRouteChange: args.allowRouteChange,
      driftRetries: args.driftRetries,
      keepRuns: args.keepRuns,
      ...(args.resume !== undefined && {resume: args.resume === '' || args.resume === 'last' ? true : args.resume}),
    });
    await tellReport(report, {...args, stateDir: access.stateDir, command: 'ingest'});
  },
};
