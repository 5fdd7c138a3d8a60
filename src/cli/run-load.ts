import {tables} from '../../tables/index.js';
import {openDestination} from '../destination/open.js';
import {UsageError} from '../errors.js';
import {load} from '../load.js';
import type {Report} from '../report.js';
import {refuseForeignVersion} from '../spool/run-folder.js';
import type {RunRecord} from '../spool/run-record.js';
import {findRun, listRuns} from '../spool/runs.js';
import type {LoadArgs} from './load.js';
import {readChoices} from './read-choices.js';
import {findTable} from './select-tables.js';
import {showRun} from './show-run.js';
import {chooseTargets} from './targets.js';

export async function runLoad(args: LoadArgs, stateDir: string): Promise<Report> {
  const {destUri, destTable, lockTimeout, progress, quiet = false, debug = false} = args;
  const record = args.run === 'last' ? await findLast(stateDir) : await findRun(stateDir, args.run);
  refuseForeignVersion(record);
  const destination = openDestination(destUri ?? record.destination, {lockTimeoutMs: lockTimeout * 1000});
  const loads = chooseLoads(record, destTable);
  const choices = readChoices(args, record.choices);
  const run = {destination, stateDir, allowOlder: args.allowOlder, record, loads, ...choices};
  return showRun({progress, quiet, debug}, async shown => load({...run, ...shown}));
}

/** Throws UsageError if there is none. */
async function findLast(stateDir: string): Promise<RunRecord> {
  const [last] = await listRuns(stateDir);
  if (last !== undefined) return last.record;
  throw new UsageError('There is no run to be loaded.', {hint: `No run left a spool in ${stateDir}.`});
}

function chooseLoads({loads}: RunRecord, destTable: string | undefined) {
  const chosen = loads.map(({table, schema, name}) => ({table: findTable(tables, table), target: {schema, name}}));
  if (destTable === undefined) return chosen;
  return chooseTargets(
    {tables: chosen.map(({table}) => ({table, name: table.name})), many: chosen.length > 1},
    destTable,
  );
}
