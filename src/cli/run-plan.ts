import {planTables} from '../source/plan-tables.js';
import {openRouteMemory} from '../source/route-memory.js';
import type {Table} from '../table.js';
import {print, printJson} from './print.js';
import {formatPlan, refuseLate} from './print-plan.js';
import {type DoceboAccess, withDocebo} from './with-docebo.js';

/** Prints what reading the tables takes. Throws IncompleteError if the deadline does not allow for it. */
export async function runPlan(
  access: DoceboAccess & {readonly stateDir: string},
  tables: readonly Table[],
  {json, allowRouteChange}: {readonly json: boolean; readonly allowRouteChange: boolean},
): Promise<void> {
  const {maxRequestsPerHour = null, deadlineMs, parallelism = 1} = access.options;
  const plan = await withDocebo(access, async docebo => {
    const memory = openRouteMemory(access.stateDir, docebo, allowRouteChange);
    return planTables(docebo, tables, {ratePerHour: maxRequestsPerHour, memory});
  });
  await (json ? printJson(plan, 2) : print(formatPlan(plan, parallelism)));
  if (deadlineMs !== undefined) refuseLate(plan, deadlineMs);
}
