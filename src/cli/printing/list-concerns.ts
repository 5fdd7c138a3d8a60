import {tables} from '../../../tables/index.js';
import type {Report, ReportedError, TableReport} from '../../report.js';
import {isDerived} from '../../routes.js';
import {formatCounted} from './counts.js';
import type {Warning} from './tell-warning.js';

/** The report as JSON names all. */
const mostMissing = 5;

/** What deserves a second look: warnings about the published tables, then why the others were not published. */
export function listConcerns({tables: loads}: Report, {quiet}: {quiet: boolean}): readonly Warning[] {
  const kept = loads.filter(isKept);
  const [published, failed] = [loads.filter(load => !isKept(load)), groupByReason(kept)];
  return [...(quiet ? [] : published.flatMap(warningsOf)), ...failed.flatMap(describeGroup)];
}

interface Kept extends TableReport {
  readonly error: ReportedError;
}

function isKept(load: TableReport): load is Kept {
  return load.error !== undefined;
}

function warningsOf({
  table,
  castFailures,
  mendedTexts,
  undeclared,
  tolerated,
  warnings,
}: TableReport): readonly Warning[] {
  return [
    ...Object.entries(castFailures).map(
      ([column, count]) =>
        `${table}.${column}: ${formatCounted(count, 'value')} did not fit the column and became NULL`,
    ),
    ...Object.entries(mendedTexts).map(
      ([column, count]) =>
        `${table}.${column}: ${formatCounted(count, 'value')} held invalid characters, which became U+FFFD`,
    ),
    ...describeUndeclared(
      table,
      Object.keys(undeclared).filter(key => !isAdditionalField(key)),
    ),
    ...tolerated
      .filter(({reason}) => !emptyReasons.has(reason))
      .map(({count, status, reason}) => `${table}: ${formatCounted(count, 'list')} answered ${status}: ${reason}`),
    ...warnings.map(warning => `${table}: ${warning}`),
  ].map(message => ({table, message}));
}

/** Every tenant has its own, so none is declared. */
function isAdditionalField(key: string): boolean {
  return /^field_\d+$/.test(key);
}

/** An error is how Docebo answers for a list without children. */
const emptyReasons = new Set(
  tables.flatMap(({routes}) => routes.flatMap(route => (isDerived(route) ? [] : Object.values(route.emptyOn ?? {})))),
);

function describeUndeclared(table: string, keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const shown = keys.length > 4 ? [...keys.slice(0, 3), '…'] : keys;
  return [`${table}: ${formatCounted(keys.length, 'undeclared key')} (${shown.join(', ')})`];
}

function groupByReason(kept: readonly Kept[]): readonly (readonly Kept[])[] {
  const groups = new Map<string, Kept[]>();
  for (const load of kept) groups.set(load.error.reason, [...(groups.get(load.error.reason) ?? []), load]);
  return [...groups.values()];
}

/** The cause once, with the table that had it, and the names of the others. */
function describeGroup(group: readonly Kept[]): readonly Warning[] {
  const first = group.find(({error}) => error.rootMessage === undefined);
  const others = group.filter(load => load !== first).map(({table}) => table);
  const [sample] = group;
  if (group.length === 1 && sample !== undefined) return describeFailure(sample, sample.error.message);
  const list = formatOthers(others);
  if (first !== undefined) return [...describeFailure(first, first.error.message), list];
  return [{table: null, message: sample?.error.rootMessage ?? ''}, list];
}

function formatOthers(tables: readonly string[]): Warning {
  return {table: null, message: `Not published for the same reason: ${tables.join(', ')}`};
}

function describeFailure({table, error, ...load}: Kept, message: string): readonly Warning[] {
  const told = message.startsWith(table) ? message : `${table}: ${message}`;
  return [
    ...warningsOf({table, ...load}),
    {table, message: told},
    ...describeMissing(table, error.missing ?? []).map(missing => ({table, message: missing})),
  ];
}

function describeMissing(table: string, requests: readonly string[]): string[] {
  const shown = requests.slice(0, mostMissing).map(request => `${table}: missing: ${request}`);
  const more = requests.length - shown.length;
  return more === 0
    ? shown
    : [...shown, `${table}: missing: ${formatCounted(more, 'more request')} (--json names all)`];
}
