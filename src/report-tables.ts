import type {Destination, Load, Published, Target} from './destination/destination.js';
import {exitCodes, findRoot, IncompleteError, IngestError, messageOf, RequestError} from './errors.js';
import type {ReportedError, TableReport} from './report.js';
import type {Extraction} from './source/extract.js';
import type {Table} from './table.js';

/** A table that was asked for, and what came of reading it. */
export interface Extracted {
  readonly table: Table;
  readonly target: Target;
  readonly result: PromiseSettledResult<Extraction>;
}

export function toLoads(extracted: readonly Extracted[]): readonly Load[] {
  return extracted.flatMap(({table, target, result}) =>
    result.status === 'fulfilled' ? [{table, target, spooled: result.value.spooled}] : [],
  );
}

export function reportTables(
  extracted: readonly Extracted[],
  destination: Destination,
  published: readonly Published[],
): readonly TableReport[] {
  return extracted.map(each => reportTable(each, destination, published));
}

/** One table that could not be published makes the run incomplete; if all failed for one reason, that reason's code says more. */
export function chooseExitCode(tables: readonly TableReport[]): number {
  const codes = new Set(tables.map(({error}) => error?.exitCode ?? exitCodes.ok));
  const [only] = codes;
  return codes.size === 1 && only !== undefined ? only : exitCodes.incomplete;
}

/** What is at the root of a failure, in words that are the same for every request it befell. */
export function nameReason(error: unknown): string {
  const root = findRoot(error);
  if (!(root instanceof RequestError)) return messageOf(root);
  const {status, said} = root;
  if (status === undefined) return said;
  return `Docebo answered ${said.startsWith(String(status)) ? said : `${status}: ${said}`}`;
}

function reportTable(
  {table, target, result}: Extracted,
  destination: Destination,
  published: readonly Published[],
): TableReport {
  const outcome = published.find(each => each.table === table.name);
  const extraction = result.status === 'fulfilled' ? result.value : undefined;
  const error =
    result.status === 'rejected' ? result.reason : (outcome?.error ?? (outcome === undefined ? heldBack() : undefined));
  return {
    table: table.name,
    destination: destination.describe(target),
    status: error === undefined ? 'published' : 'kept',
    route: extraction?.route ?? null,
    rows: outcome?.rows ?? 0,
    requests: extraction?.requests ?? 0,
    plannedRequests: extraction?.planned ?? null,
    seconds: extraction?.seconds ?? 0,
    invalidDates: outcome?.invalidDates ?? {},
    castFailures: outcome?.castFailures ?? {},
    undeclared: Object.fromEntries(
      [...(extraction?.spooled.undeclared ?? [])].map(([key, types]) => [key, [...types]]),
    ),
    tolerated: extraction?.tolerated ?? [],
    warnings: [...(extraction?.warnings ?? []), ...(outcome?.warnings ?? [])],
    ...(error !== undefined && {error: describeError(error)}),
  };
}

function heldBack(): IncompleteError {
  return new IncompleteError('Held back because another table of this run is not complete (--publish all-or-nothing).');
}

/** What to do, as whoever stands nearest to the failure knows it. */
function findHint(error: IngestError): string | undefined {
  return (
    error.hint ??
    (error instanceof IncompleteError && error.cause instanceof IngestError ? findHint(error.cause) : undefined)
  );
}

function describeError(error: unknown): ReportedError {
  if (!(error instanceof IngestError))
    return {name: 'Error', code: 'E_BUG', exitCode: exitCodes.bug, message: String(error), reason: String(error)};
  const {name, code, message} = error;
  const root = findRoot(error);
  const {exitCode} = root instanceof IngestError ? root : error;
  const hint = findHint(error);
  const missing = error instanceof IncompleteError && error.missing.length > 0 ? {missing: error.missing} : {};
  const status = root instanceof RequestError ? root.status : undefined;
  return {
    name,
    code,
    exitCode,
    message,
    ...(hint !== undefined && {hint}),
    ...(status !== undefined && {status}),
    reason: nameReason(error),
    ...(root !== error && {rootMessage: messageOf(root)}),
    ...missing,
  };
}
