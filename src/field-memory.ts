import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {CustomField, CustomFields} from './custom-fields.js';
import {nameTitles} from './engine/name-keys.js';
import {IncompleteError, messageOf} from './errors.js';
import {writeWhole} from './local-paths.js';
import {readPublished} from './source/lists/latest.js';
import {openExtraction} from './source/tables/extract.js';
import {tenantFolder} from './source/tenant.js';
import type {SpooledTable} from './spool/format.js';
import {readValue} from './spool/record-values.js';
import type {FieldList, Table} from './table.js';

/** Where a run has landed its tables, and where things are remembered about whose tenant. */
export interface FieldSources {
  readonly runFolder: string;
  readonly stateDir: string;
  readonly tenant: string;
}

/** A table that was read, and its keys that no column declares. */
interface FieldHolder {
  readonly table: Table;
  readonly spooled: Pick<SpooledTable, 'undeclared'>;
}

type Known = Readonly<Record<string, Omit<CustomField, 'name'> & {readonly name?: string}>>;

/**
 * What is known of a table's additional fields: what this run has read of them, and otherwise what an earlier run has. Names made of titles are
 * remembered for each tenant, so that they outlast a new title, and are the same in each destination.
 */
export async function recallFields(
  {table, spooled}: FieldHolder,
  namedBy: CustomFields['namedBy'],
  {runFolder, stateDir, tenant}: FieldSources,
): Promise<CustomFields | undefined> {
  const list = table.customFields;
  if (list === undefined || !holdsFields(spooled)) return undefined;
  const file = join(tenantFolder(stateDir, tenant), 'fields', `${table.name}.json`);
  const before = await readKnown(file);
  const read = await readFields(list, runFolder);
  const options = await readOptions(list, runFolder);
  const found = new Map<string, Known[string]>(Object.entries(before));
  for (const [key, field] of read) found.set(key, {options: {}, ...before[key], ...field});
  const names = namedBy === 'title' ? nameFound(table, found) : new Map<string, string>();
  const known: Known = Object.fromEntries(
    [...found].map(([key, field]) => {
      const name = names.get(key) ?? field.name;
      return [key, {...field, options: options.get(key) ?? field.options, ...(name !== undefined && {name})}];
    }),
  );
  const warnings: string[] = [];
  if (namedBy === 'title' && read.size === 0) {
    const kept = found.size === 0 ? 'numbers' : 'names';
    warnings.push(`No field was read from ${list.table.name}, so additional fields have the ${kept} that they had`);
  }
  if (JSON.stringify(known) !== JSON.stringify(before))
    await writeWhole(file, `${JSON.stringify({fields: known})}\n`).catch((error: unknown) => {
      warnings.push(`Names of additional fields could not be written down: ${messageOf(error)}`);
    });
  const byKey = Object.entries(known).map(([key, field]) => [key, {...field, name: field.name ?? key}] as const);
  return {namedBy, byKey: new Map(byKey), warnings};
}

/** The lowest numbers choose first. */
function nameFound(table: Table, found: ReadonlyMap<string, Known[string]>): ReadonlyMap<string, string> {
  const numberOf = (key: string) => Number(key.replace('field_', ''));
  const sorted = [...found].sort(([a], [b]) => numberOf(a) - numberOf(b));
  const given = sorted.flatMap(([key, {name}]) => (name === undefined ? [] : [[key, name] as const]));
  return nameTitles(table, new Map(sorted.map(([key, {title}]) => [key, title])), new Map(given));
}

/** The tables that describe the additional fields which these hold. */
export function fieldListsOf(tables: readonly FieldHolder[]): readonly Table[] {
  const holding = tables.filter(({spooled}) => holdsFields(spooled));
  return [
    ...new Set(holding.flatMap(({table: {customFields}}) => (customFields === undefined ? [] : [customFields.table]))),
  ];
}

function holdsFields({undeclared}: FieldHolder['spooled']): boolean {
  return [...undeclared.keys()].some(key => /^field_\d+$/.test(key));
}

async function readFields({table, title, type}: FieldList, runFolder: string) {
  const fields = new Map<string, {readonly title: string; readonly type: string | null}>();
  for await (const row of readRows(table, runFolder)) {
    const [id, words] = [readValue(row, table, table.primaryKey[0]), readValue(row, table, title)?.trim()];
    if (id !== null && words) fields.set(`field_${id}`, {title: words, type: readValue(row, table, type)});
  }
  return fields;
}

async function readOptions({options}: FieldList, runFolder: string) {
  const found = new Map<string, Record<string, string>>();
  if (options === undefined) return found;
  const {table} = options;
  for await (const row of readRows(table, runFolder)) {
    const [field, id, label] = [options.field, options.id, options.label].map(name => readValue(row, table, name));
    if (field && id && label) found.set(`field_${field}`, {...found.get(`field_${field}`), [id]: label});
  }
  return found;
}

/** No rows of a table that the run has not read to its end. */
async function* readRows(table: Table, runFolder: string): ReturnType<typeof readPublished> {
  if (!existsSync(join(runFolder, table.name))) return;
  try {
    yield* readPublished(table, (await openExtraction(runFolder, table)).spooled, {});
  } catch (error) {
    if (!(error instanceof IncompleteError)) throw error;
  }
}

async function readKnown(file: string): Promise<Known> {
  try {
    const {fields}: {fields?: Known} = JSON.parse(await readFile(file, 'utf8'));
    return fields ?? {};
  } catch {
    // Names may then be made anew; in DuckDB columns keep theirs all the same.
    return {};
  }
}
