import {reports as reportsTable, tables} from '../../../tables/index.js';
import {toSnakeCase} from '../../engine/name-keys.js';
import {RejectedError, UsageError} from '../../errors.js';
import {makeExportTable} from '../../export-table.js';
import type {Docebo} from '../../source/docebo.js';
import {type ListedReport, listReports} from '../../source/tables/list-reports.js';
import type {DoceboReport, Table} from '../../table.js';
import {findNearest, suggest} from './nearest.js';
import {type ReportNames, recallNames} from './report-names.js';
import {type Selection, selectTables} from './select-tables.js';

const hint = 'docebo-ingest reports lists them.';

/** What `--source-table` names: declared tables, and reports by id or name. */
export interface Sources extends Selection {
  readonly reports: readonly string[];
}

/** Throws UsageError for an unknown table. */
export function readSources(known: readonly Table[], asked: readonly string[]): Sources {
  const split = asked.map(splitValue);
  const [words, named] = [split.flatMap(each => each.words), split.flatMap(each => each.reports)];
  if (named.includes('')) throw new UsageError('report: is followed by the id or the name of a report.', {hint});
  const selection = words.length === 0 && named.length > 0 ? {tables: [], many: false} : selectTables(known, words);
  return {...selection, reports: named};
}

/** The name of a report may hold commas, so it goes to the end of the value; an id ends at the next comma. */
function splitValue(value: string): {words: readonly string[]; reports: readonly string[]} {
  const [, words = '', report] = /^(.*?)(?:(?<=^|,)\s*report:(.*))?$/s.exec(value) ?? [];
  if (report === undefined) return {words: [words], reports: []};
  const [, id = '', rest = ''] = /^\s*([^,]*?)\s*(?:,(.*))?$/s.exec(report) ?? [];
  const after = isId(id) ? splitValue(rest) : {words: [], reports: []};
  const given = [words, ...after.words].filter(word => word.trim() !== '');
  return {words: given, reports: [isId(id) ? id : report.trim(), ...after.reports]};
}

/** Adds the tables of the reports, at one call if there are any. Throws UsageError for a report that is not there. */
export async function findReports(
  docebo: Docebo,
  {reports: words, ...selection}: Sources,
  stateDir: string,
): Promise<Selection> {
  if (words.length === 0) return selection;
  const listed = await listReports(docebo, reportsTable).catch(error => {
    // What is named by its id can be exported all the same.
    if (error instanceof RejectedError && words.every(isId)) return [];
    throw error;
  });
  const found = new Map(words.map(word => matchReport(listed, word)).map(report => [report.id, report]));
  const names = nameTables([...found.values()], await recallNames(stateDir, docebo.tenant));
  const added = [...names].map(([report, name]) => ({table: makeExportTable(report, name), name, isNamed: true}));
  const all = [...selection.tables, ...added];
  return {tables: all, many: selection.many || all.length > 1};
}

/** The list may not hold every report, so what looks like an id is taken for one. */
function isId(word: string): boolean {
  return /^(\d+|[\da-f]{8}(-?[\da-f]{4}){3}-?[\da-f]{12})$/i.test(word);
}

function matchReport(listed: readonly ListedReport[], word: string): DoceboReport {
  const fold = (text: string) => text.toLowerCase();
  const byId = listed.find(({id}) => fold(id) === fold(word));
  if (byId !== undefined) return pick(byId);
  const exact = listed.filter(({name}) => name === word);
  const [only, second] = exact.length > 0 ? exact : listed.filter(({name}) => fold(name) === fold(word));
  if (second !== undefined) {
    const ids = listed.filter(({name}) => fold(name) === fold(word)).map(({id}) => id);
    throw new UsageError(`Several reports are called ${word}: ${ids.join(', ')}.`, {
      hint: `Name the one by its id, such as report:${ids[0]}.`,
    });
  }
  if (only !== undefined) return pick(only);
  if (isId(word)) return {id: word, name: null};
  const nearest = findNearest(
    word,
    listed.map(({name}) => name),
  );
  const repeat = word.includes(',')
    ? ' After the name of a report nothing else can follow: repeat --source-table.'
    : '';
  throw new UsageError(`There is no report ${word}.${suggest(nearest)}`, {hint: hint + repeat});
}

function pick({id, name}: ListedReport): DoceboReport {
  return {id, name};
}

const mostCharacters = 60;

/**
 * Names tables after their reports; a name once given stays. A name that is that of a declared table, or would be that of two reports, gets
 * a part that does not depend on the order in which they are asked for.
 */
export function nameTables(reports: readonly DoceboReport[], given: ReportNames): ReadonlyMap<DoceboReport, string> {
  const declared = new Set(tables.flatMap(({name, aliases}) => [name, ...aliases]));
  const alone = new Map([...reports.map(report => [report.id, nameAlone(report, declared)] as const), ...given]);
  const isShared = (name: string) => [...alone.values()].filter(each => each === name).length > 1;
  const choose = ({id}: DoceboReport) => {
    const name = alone.get(id) ?? id;
    return given.get(id) ?? (isShared(name) ? `${name}_${toSnakeCase(id)}` : name);
  };
  return new Map(reports.map(report => [report, choose(report)]));
}

function nameAlone({id, name}: DoceboReport, declared: ReadonlySet<string>): string {
  const words = /[\p{L}\p{N}]/u.test(name ?? '') ? (name ?? '') : id;
  const short = [...toSnakeCase(words)].slice(0, mostCharacters).join('').replace(/_$/, '');
  return declared.has(short) ? `${short}_report` : short;
}
