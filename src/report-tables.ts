import type {Destination, Load, Published, Target} from './destination/destination.js';
import {undeclaredKeys} from './engine/contract.js';
import {exitCodes, findRoot, IncompleteError, IngestError, messageOf, RequestError} from './errors.js';
import {describeFilters} from './filter-table.js';
import type {ReportedError, TableReport} from './report.js';
import {parentsOf} from './routes.js';
import type {Extraction} from './source/tables/extract.js';
import type {Merged} from './spool/format.js';
import type {Table} from './table.js';

/** A table that was asked for, and the result of reading it. */
export interface Extracted {
  readonly table: Table;
  readonly target: Target;
  readonly result: PromiseSettledResult<Extraction>;
  /** What Docebo said, if the tenant does not have the table and it need not (`markAbsent`). */
  readonly absence?: string;
}

/** Whether a table could not be read, although it should be there. */
export function isLacking({result, absence}: Extracted): boolean {
  return result.status === 'rejected' && absence === undefined;
}

/** Whether a merge was asked for: it was merged, or it is known why not. */
function isUnderMerge({merged, reason}: Extraction): boolean {
  return merged !== undefined || reason !== undefined;
}

export function toLoads(extracted: readonly Extracted[]): readonly Load[] {
  return extracted.flatMap(({table, target, result}) =>
    result.status === 'fulfilled'
      ? [
          {
            table,
            target,
            spooled: result.value.spooled,
            ancestors: ancestorsOf(table, extracted),
            ...(isUnderMerge(result.value) && {isMerged: result.value.merged !== undefined}),
          },
        ]
      : [],
  );
}

/** Follows the routes that served the tables; if they are not known, all routes. */
function ancestorsOf(table: Table, extracted: readonly Extracted[]): readonly string[] {
  const result = extracted.find(each => each.table === table)?.result;
  const route = result?.status === 'fulfilled' ? result.value.route : undefined;
  return parentsOf(table, route).flatMap(parent => [parent.name, ...ancestorsOf(parent, extracted)]);
}

/** Rejects the children of a rejected parent. A parent may fail when it is read again, after its children were read. */
export function rejectOrphans(extracted: readonly Extracted[]): readonly Extracted[] {
  const rejected = new Map(
    extracted.flatMap(({table, result}) => (result.status === 'rejected' ? [[table.name, result.reason]] : [])),
  );
  return extracted.map(each => {
    const parent = ancestorsOf(each.table, extracted).find(name => rejected.has(name));
    if (each.result.status === 'rejected' || parent === undefined) return each;
    const reason = new IncompleteError(`${each.table.name} needs ${parent}, which was not read to its end`, {
      cause: rejected.get(parent),
    });
    return {...each, result: {status: 'rejected', reason}};
  });
}

export async function reportTables(
  extracted: readonly Extracted[],
  destination: Destination,
  published: readonly Published[],
): Promise<readonly TableReport[]> {
  return reportEach(extracted, destination, published, await findStanding(extracted, destination, published));
}

/** Which of the tables that were not published are there all the same. */
export async function findStanding(
  extracted: readonly Extracted[],
  destination: Destination,
  published: readonly Published[],
): Promise<ReadonlySet<Target>> {
  const isPublished = ({table}: Extracted) => published.some(each => each.table === table.name && !each.error);
  const others = extracted.filter(each => !isPublished(each)).map(({target}) => target);
  return others.length === 0 ? new Set<Target>() : destination.findStanding(others);
}

export function reportEach(
  extracted: readonly Extracted[],
  destination: Destination,
  published: readonly Published[],
  standing: ReadonlySet<Target>,
): readonly TableReport[] {
  return extracted.map(each => reportTable(each, destination, published, standing));
}

/** A run is incomplete if one table could not be published. If all failed with one code, that code says more. */
export function chooseExitCode(tables: readonly TableReport[]): number {
  const codes = new Set(tables.map(({error}) => error?.exitCode ?? exitCodes.ok));
  const [only] = codes;
  return codes.size === 1 && only !== undefined ? only : exitCodes.incomplete;
}

/** The root of a failure, in words that do not depend on the request. */
export function nameReason(error: unknown): string {
  const root = findRoot(error);
  if (!(root instanceof RequestError)) return messageOf(root);
  const {status, said} = root;
  if (status === undefined) return said;
  return `Docebo answered ${said.startsWith(String(status)) ? said : `${status}: ${said}`}`;
}

function reportTable(
  {table, target, result, absence}: Extracted,
  destination: Destination,
  published: readonly Published[],
  standing: ReadonlySet<Target>,
): TableReport {
  const outcome = published.find(each => each.table === table.name);
  const extraction = result.status === 'fulfilled' ? result.value : undefined;
  const error = absence === undefined ? findError(result, outcome) : undefined;
  return {
    table: table.name,
    destination: destination.describe(target),
    status: nameStatus(error, absence, standing.has(target)),
    route: extraction?.route ?? null,
    rows: outcome?.rows ?? 0,
    ...(table.filtered !== undefined && {filtered: table.filtered.by}),
    ...tellStrategy(extraction),
    requests: extraction?.requests ?? 0,
    plannedRequests: extraction?.planned ?? null,
    seconds: extraction?.seconds ?? 0,
    invalidDates: outcome?.invalidDates ?? {},
    castFailures: outcome?.castFailures ?? {},
    mendedTexts: outcome?.mendedTexts ?? {},
    // Nothing is declared of a report.
    undeclared: Object.fromEntries(
      [
        ...(extraction === undefined || table.exportOf !== undefined ? [] : undeclaredKeys(table, extraction.spooled)),
      ].map(([key, types]) => [key, [...types]]),
    ),
    tolerated: extraction?.tolerated ?? [],
    warnings: [...new Set([...(extraction?.warnings ?? []), ...(outcome?.warnings ?? [])])],
    ...(absence !== undefined && {absence}),
    ...(error !== undefined && {error: blameFilter(table, describeError(error))}),
  };
}

/** Docebo may refuse a filter, such as one by a course that there is not (tables/API.md#errors). The same filter would be refused again. */
function blameFilter({filtered}: Table, error: ReportedError): ReportedError {
  if (filtered === undefined || ![400, 404, 422].includes(error.status ?? 0)) return error;
  return {
    ...error,
    isLasting: true,
    hint: `Docebo may know nothing with ${describeFilters(filtered.by)}: correct the filter.`,
  };
}

function tellStrategy(extraction: Extraction | undefined): Pick<TableReport, 'strategy' | 'reason' | keyof Merged> {
  if (extraction?.merged !== undefined) return {strategy: 'merge', ...extraction.merged};
  return {strategy: 'replace', ...(extraction?.reason !== undefined && {reason: extraction.reason})};
}

function findError(result: Extracted['result'], outcome: Published | undefined): unknown {
  if (result.status === 'rejected') return result.reason;
  return outcome === undefined ? heldBack() : outcome.error;
}

function nameStatus(error: unknown, absence: string | undefined, isStanding: boolean): TableReport['status'] {
  if (absence !== undefined) return 'absent';
  if (error === undefined) return 'published';
  return isStanding ? 'kept' : 'not_loaded';
}

function heldBack(): IncompleteError {
  return new IncompleteError('Held back because another table of this run is not complete (--publish all-or-nothing).');
}

/** The hint of the error that is nearest to the table. */
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
    ...(error.allowedBy !== undefined && {allowedBy: error.allowedBy}),
    ...(status !== undefined && {status}),
    ...(root instanceof RequestError && root.isLasting && ({isLasting: true} as const)),
    reason: nameReason(error),
    ...(root !== error && {rootMessage: messageOf(root)}),
    ...missing,
  };
}
