import {tables} from '../../../tables/index.js';
import {defaultChoices} from '../../choices.js';
import {openDestination} from '../../destination/open.js';
import {UsageError} from '../../errors.js';
import {ingest} from '../../ingest.js';
import {readAccess} from '../options/access.js';
import {readMerge} from '../options/choices.js';
import type {Args, ingestOptions} from '../options/command-options.js';
import {filterSelection} from '../options/filter-selection.js';
import {readRun} from '../options/read-run.js';
import {rememberNames} from '../options/report-names.js';
import {findReports, readSources} from '../options/select-reports.js';
import {chooseTargets, type Selection} from '../options/select-tables.js';
import {tellReport} from '../printing/print-report.js';
import {withDocebo} from '../progress/with-docebo.js';
import {checkDestination, checkStateDir} from './check.js';
import {select, tellPlan} from './plan.js';

export async function runIngest(args: Args<typeof ingestOptions>): Promise<void> {
  const asked = readSources(tables, args.sourceTable);
  const sources = args.filter === undefined ? asked : filterSelection(tables, asked, args.filter, args.destTable);
  const choose = (selection: Selection) => chooseTargets(selection, args.destTable);
  if (sources.reports.length === 0) choose(sources);
  const merging = readMerge(args);
  if (args.filter !== undefined && merging.merge !== undefined)
    throw new UsageError('A filtered table cannot be merged.', {hint: 'Leave out --incremental-strategy merge.'});
  const destination = openDestination(args.destUri, {lockTimeoutMs: args.lockTimeout * 1000});
  const access = await readAccess(args);

  if (args.dryRun) {
    const selection = await select(access, sources);
    const targets = choose(selection).map(({target}) => target);
    await checkDestination(destination, targets, args.progress);
    await checkStateDir(access.stateDir);
    const asked = selection.tables.map(({table}) => table);
    return tellPlan(access, asked, args, merging);
  }

  const run = readRun(args, access.stateDir, defaultChoices);
  const report = await withDocebo(access, 'publish', async docebo => {
    const selection = await findReports(docebo, sources, access.stateDir);
    const loads = choose(selection);
    await rememberNames(
      access.stateDir,
      docebo.tenant,
      loads.map(({table}) => table),
    );
    return ingest({docebo, destination, ...run, ...merging, loads});
  });
  await tellReport(report, {...args, stateDir: access.stateDir, command: 'ingest'});
}
