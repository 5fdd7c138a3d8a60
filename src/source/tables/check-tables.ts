import {CredentialsError, type IngestError, RejectedError, ResponseError, SignInError} from '../../errors.js';
import type {RawRecord} from '../../json/raw-record.js';
import {describeRoute, isDerived, nameRoute} from '../../routes.js';
import {matchesWhere, readValue} from '../../spool/record-values.js';
import type {ApiRoute, Area, DerivedRoute, DoceboReport, Route, Table} from '../../table.js';
import type {Docebo} from '../docebo.js';
import {isAbsence} from '../http/policy.js';
import {PageFormat} from '../lists/page.js';
import {readSample} from '../lists/sample.js';
import {UnfitRouteError} from '../lists/unfit-route.js';
import {ElementReader, nameRow} from './elements.js';
import {RouteMemory} from './route-memory.js';

/** Whether the credential can read a table, as one record of it shows. */
export interface Readability {
  readonly table: string;
  readonly area: Area;
  readonly route: string | null;
  readonly readable: boolean;
  /** Whether the whole table is refused and no run has read it, so that its absence is in order unless it was asked for by its name. */
  readonly mayBeAbsent: boolean;
  /** Why not: a right is missing, Docebo does not serve the table here, or the answer is not like Docebo's. Null if it is readable. */
  readonly obstacle: 'right' | 'absent' | 'answer' | null;
  readonly detail: string;
}

type Sample = Readability & {readonly record: RawRecord | null};

/**
 * Asks for one record of every table, one after the other. Throws CredentialsError, SignInError and UnavailableError; any other error is reported as
 * an obstacle.
 */
export async function checkTables(
  docebo: Docebo,
  tables: readonly Table[],
  memory = new RouteMemory(null),
): Promise<readonly Readability[]> {
  const samples = new Map<Table, Promise<Sample>>();
  const sample = async (table: Table): Promise<Sample> => {
    const known = samples.get(table) ?? checkTable(docebo, table, sample, memory);
    samples.set(table, known);
    return known;
  };
  const results: Readability[] = [];
  for (const table of tables) {
    const {record: _, ...result} = await sample(table);
    results.push(result);
  }
  return results;
}

async function checkTable(
  docebo: Docebo,
  table: Table,
  sample: (table: Table) => Promise<Sample>,
  memory: RouteMemory,
): Promise<Sample> {
  if (table.exportOf !== undefined) return checkReport(table, table.exportOf);
  const {name, area} = table;
  const refusals: IngestError[] = [];
  let blocked: Sample | undefined;
  const {held} = await memory.recall(table);
  const readable = (route: Route, detail: string, record: RawRecord | null): Sample => {
    return {
      table: name,
      area,
      route: nameRoute(route),
      readable: true,
      mayBeAbsent: false,
      obstacle: null,
      detail,
      record,
    };
  };
  const routes = held === undefined ? table.routes : [held, ...table.routes.filter(route => route !== held)];
  for (const route of routes) {
    const parent = isDerived(route) ? route.derive.table : route.parent?.table;
    const from = parent === undefined ? undefined : await sample(parent);
    if (from !== undefined && !from.readable) {
      blocked ??= {...from, table: name, area, detail: `as ${parent?.name}: ${from.detail}`, record: null};
      continue;
    }
    if (from?.record === null && !isDerived(route))
      return readable(route, `not tried: ${parent?.name} has no row to ask for`, null);
    try {
      if (isDerived(route)) {
        const {isFit, record} = await sampleElement(route, from?.record ?? null, {
          sample,
          isLast: route === routes.at(-1),
        });
        if (!isFit) continue;
        return readable(route, `as ${parent?.name}: ${from?.detail}`, record);
      }
      const {record, sent} = await readOne(docebo, table, route, from?.record ?? null);
      const kept = held === undefined || route === held ? '' : sayKept(table, held);
      return readable(route, `${sent === 0 ? 'readable, no record' : 'readable'}${kept}`, record);
    } catch (error) {
      if (error instanceof CredentialsError || error instanceof SignInError) throw error;
      if (!(error instanceof RejectedError || error instanceof ResponseError)) throw error;
      refusals.push(error);
    }
  }
  if (refusals.length === 0 && blocked !== undefined) return blocked;
  const detail = refusals.map(({message}) => message).join(' ');
  const mayBeAbsent = held === undefined && refusals.every(isAbsence);
  const obstacle = nameObstacle(refusals);
  return {table: name, area, route: null, readable: false, mayBeAbsent, obstacle, detail, record: null};
}

/** The first row that a record of the parent gives, and whether the route fits that record. */
async function sampleElement(
  {derive}: DerivedRoute,
  parent: RawRecord | null,
  {sample, isLast}: {readonly sample: (table: Table) => Promise<Sample>; readonly isLast: boolean},
): Promise<{isFit: boolean; record: RawRecord | null}> {
  const {named, where = {}, table} = derive;
  const name = named === undefined ? undefined : await sample(named);
  if (name?.readable === false) return {isFit: false, record: null};
  const names = named === undefined || !name?.record ? [] : nameRow(named, name.record);
  if (parent === null || !matchesWhere(parent, table, where)) return {isFit: true, record: null};
  try {
    const reader = new ElementReader(derive, names);
    const [record = null] = reader.read(parent);
    if (!isLast) reader.refuseUnfit();
    return {isFit: true, record};
  } catch (error) {
    if (error instanceof UnfitRouteError) return {isFit: false, record: null};
    throw error;
  }
}

/** Only an export would show more. */
function checkReport({name: table, area}: Table, {name}: DoceboReport): Sample {
  const readable = name !== null;
  const detail = readable
    ? 'in the list of reports, not exported'
    : 'not in the list of reports, or the list was refused';
  const obstacle = readable ? null : 'absent';
  return {table, area, route: null, readable, mayBeAbsent: false, obstacle, detail, record: null};
}

function sayKept(table: Table, held: Route): string {
  return `, but not by ${describeRoute(table, held)} as before, so ingest keeps the table without --allow-route-change`;
}

/** If a right is missing for one of the routes that were tried, that route exists. */
function nameObstacle(refusals: readonly IngestError[]): Readability['obstacle'] {
  if (refusals.some(error => error instanceof RejectedError && error.lacksRight)) return 'right';
  const isForeign = (error: IngestError) => !(error instanceof RejectedError) || error.status === 403;
  return refusals.some(isForeign) ? 'answer' : 'absent';
}

async function readOne(
  {client}: Docebo,
  table: Table,
  route: ApiRoute,
  parent: RawRecord | null,
): Promise<{record: RawRecord | null; sent: number}> {
  const bound: Record<string, string> = {};
  if (route.parent !== undefined && parent !== null) {
    for (const [name, column] of Object.entries(route.parent.bind))
      bound[name] = readValue(parent, route.parent.table, column) ?? '';
  }
  const {records, facts} = await readSample(client, new PageFormat(table, route, 1), bound);
  return {record: records[0] ?? null, sent: facts.sent};
}
