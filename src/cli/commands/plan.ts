import {tables} from '../../../tables/index.js';
import {planTables} from '../../source/tables/plan-tables.js';
import {openRouteMemory} from '../../source/tables/route-memory.js';
import type {Table} from '../../table.js';
import {readAccess} from '../options/access.js';
import {readMerge} from '../options/choices.js';
import type {Args, planOptions} from '../options/command-options.js';
import {findReports, readSources, type Sources} from '../options/select-reports.js';
import type {Selection} from '../options/select-tables.js';
import {print, printJson} from '../printing/print.js';
import {formatPlan, refuseLate} from '../printing/print-plan.js';
import {type DoceboAccess, withDocebo} from '../progress/with-docebo.js';

export async function runPlan(args: Args<typeof planOptions>): Promise<void> {
  const sources = readSources(tables, args.sourceTable);
  const merging = readMerge(args);
  const access = await readAccess(args);
  const {tables: asked} = await select(access, sources);
  await tellPlan(
    access,
    asked.map(({table}) => table),
    args,
    merging,
  );
}

/** The tables that are meant, at one call if reports are among them. */
export async function select(access: PlanAccess, sources: Sources): Promise<Selection> {
  if (sources.reports.length === 0) return sources;
  return withDocebo(bePatient(access), 'ask', async docebo => findReports(docebo, sources, access.stateDir));
}

/** A plan that waits for an hour's quota is no quick answer. A 429 that soon passes takes no longer than this. */
const patienceMs = 3000;

function bePatient(access: DoceboAccess): DoceboAccess {
  return {...access, options: {...access.options, patienceMs}};
}

type PlanAccess = DoceboAccess & {readonly stateDir: string};

interface PlanArgs {
  readonly json: boolean;
  readonly allowRouteChange: boolean;
  readonly customFields?: 'id' | 'title' | undefined;
}

/** Prints what reading the tables takes. Throws IncompleteError if the deadline does not allow for it. */
export async function tellPlan(
  access: PlanAccess,
  tables: readonly Table[],
  {json, allowRouteChange, customFields}: PlanArgs,
  {merge: choices, fullRefresh: isFullRefresh}: ReturnType<typeof readMerge>,
): Promise<void> {
  const {maxRequestsPerHour = null, deadlineMs, parallelism = 1} = access.options;
  const plan = await withDocebo(bePatient(access), 'ask', async docebo => {
    const memory = openRouteMemory(access.stateDir, docebo, allowRouteChange);
    return planTables(docebo, tables, {
      ratePerHour: maxRequestsPerHour,
      memory,
      customFields,
      ...(choices !== undefined && {merge: {stateDir: access.stateDir, choices, isFullRefresh}}),
    });
  });
  await (json ? printJson(plan) : print(formatPlan(plan, parallelism)));
  if (deadlineMs !== undefined) refuseLate(plan, deadlineMs);
}
