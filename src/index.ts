/** The library's door: declared tables, the run, and what it reports. */
export {tables} from '../tables/index.js';
export type {CastOptions, PublishChoices} from './choices.js';
export type {Destination, Load, Published, Target} from './destination/destination.js';
export {openDestination} from './destination/open.js';
export * from './errors.js';
export {ingest, type PublishRun, type Run} from './ingest.js';
export {type LoadRun, load} from './load.js';
export type {Certainty, Plan, TablePlan} from './plan.js';
export type {OnEvent, Report, RunEvent, TableReport} from './report.js';
export {type Docebo, type DoceboOptions, openDocebo} from './source/docebo.js';
export {type Credentials, readSettings, type Settings} from './source/settings.js';
export {checkTables, type Readability} from './source/tables/check-tables.js';
export {type PlanOptions, planTables} from './source/tables/plan-tables.js';
export {openRouteMemory, RouteMemory} from './source/tables/route-memory.js';
export type {RunRecord} from './spool/run-record.js';
export {findRun, listRuns, type RunSummary} from './spool/runs.js';
export * from './table.js';
