import {tables} from '../../../tables/index.js';
import {openDestination} from '../../destination/open.js';
import {UsageError} from '../../errors.js';
import {makeExportTable} from '../../export-table.js';
import {filterTable} from '../../filter-table.js';
import {load} from '../../load.js';
import {refuseForeignVersion} from '../../spool/run-folder.js';
import type {RunRecord} from '../../spool/run-record.js';
import {findRun, listRuns} from '../../spool/runs.js';
import {chooseStateDir} from '../options/access.js';
import {readChoices} from '../options/choices.js';
import type {Args, loadOptions} from '../options/command-options.js';
import {refuseWholeName} from '../options/filter-selection.js';
import {chooseTargets, findTable} from '../options/select-tables.js';
import {tellReport} from '../printing/print-report.js';
import {showRun} from '../progress/with-docebo.js';

export async function runLoad(args: Args<typeof loadOptions> & {readonly run: string}): Promise<void> {
  const {destUri, destTable, lockTimeout, progress, quiet = false, debug = false} = args;
  const stateDir = chooseStateDir(args);
  const record = args.run === 'last' ? await findLast(stateDir) : await findRun(stateDir, args.run);
  refuseForeignVersion(record);
  const destination = openDestination(destUri ?? record.destination, {lockTimeoutMs: lockTimeout * 1000});
  const loads = chooseLoads(record, destTable);
  const choices = readChoices(args, record.choices);
  const run = {destination, stateDir, allowOlder: args.allowOlder, record, loads, ...choices};
  const report = await showRun({progress, quiet, debug}, 'publish', async shown => load({...run, ...shown}));
  await tellReport(report, {...args, stateDir, command: 'load'});
}

/** Throws UsageError if there is none. */
async function findLast(stateDir: string): Promise<RunRecord> {
  const [last] = await listRuns(stateDir);
  if (last !== undefined) return last.record;
  throw new UsageError('There is no run to load.', {hint: `No run left a spool in ${stateDir}.`});
}

function chooseLoads({loads, absent = []}: RunRecord, destTable: string | undefined) {
  const read = loads.filter(({table}) => !absent.includes(table));
  const chosen = read.map(({table, exportOf, filtered, schema, name}) => ({
    table:
      filtered !== undefined
        ? filterTable(findTable(tables, filtered.of), filtered.by, table)
        : exportOf === undefined
          ? findTable(tables, table)
          : makeExportTable(exportOf, table),
    target: {schema, name},
  }));
  if (destTable === undefined) return chosen;
  const named = chooseTargets(
    {tables: chosen.map(({table}) => ({table, name: table.name, isNamed: true})), many: chosen.length > 1},
    destTable,
  );
  for (const {table, target} of named)
    if (table.filtered !== undefined) refuseWholeName(tables, table.filtered.of, target.name);
  return named;
}
