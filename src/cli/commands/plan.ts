import {tables} from '../../../tables/index.js';
import {planTables} from '../../source/tables/plan-tables.js';
import {openRouteMemory} from '../../source/tables/route-memory.js';
import type {Table} from '../../table.js';
import {readAccess} from '../options/access.js';
import type {Args, planOptions} from '../options/command-options.js';
import {findReports, readSources} from '../options/select-reports.js';
import {print, printJson} from '../printing/print.js';
import {formatPlan, refuseLate} from '../printing/print-plan.js';
import {type DoceboAccess, withDocebo} from '../progress/with-docebo.js';

export async function runPlan(args: Args<typeof planOptions>): Promise<void> {
  const sources = readSources(tables, args.sourceTable);
  const access = await readAccess(args);
  const {tables: asked} = await withDocebo(access, 'ask', async docebo => findReports(docebo, sources));
  await tellPlan(
    access,
    asked.map(({table}) => table),
    args,
  );
}

/** A plan that waits for an hour's quota is no quick answer. A 429 that soon passes takes no longer than this. */
const patienceMs = 3000;

interface PlanArgs {
  readonly json: boolean;
  readonly allowRouteChange: boolean;
  readonly customFields?: 'id' | 'title' | undefined;
}

/** Prints what reading the tables takes. Throws IncompleteError if the deadline does not allow for it. */
export async function tellPlan(
  access: DoceboAccess & {readonly stateDir: string},
  tables: readonly Table[],
  {json, allowRouteChange, customFields}: PlanArgs,
): Promise<void> {
  const {maxRequestsPerHour = null, deadlineMs, parallelism = 1} = access.options;
  const patient = {...access, options: {...access.options, patienceMs}};
  const plan = await withDocebo(patient, 'ask', async docebo => {
    const memory = openRouteMemory(access.stateDir, docebo, allowRouteChange);
    return planTables(docebo, tables, {ratePerHour: maxRequestsPerHour, memory, customFields});
  });
  await (json ? printJson(plan) : print(formatPlan(plan, parallelism)));
  if (deadlineMs !== undefined) refuseLate(plan, deadlineMs);
}
