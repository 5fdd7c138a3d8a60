import {randomUUID} from 'node:crypto';
import {existsSync} from 'node:fs';
import {readFile, rename, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {CustomField, CustomFields} from './custom-fields.js';
import {nameTitles} from './engine/name-keys.js';
import {IncompleteError, messageOf} from './errors.js';
import {makeFolder} from './local-paths.js';
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

type Known = Readonly<Record<string, Omit<CustomField, 'name'> & {readonly name?: string | undefined}>>;

/**
 * What is known of a table's additional fields: what this run has read of them, and otherwise what an earlier run has. Names made of titles are
 * remembered for each tenant, so that they outlast a new title, and are the same in each destination.
 */
export async function recallFields(
  {table, spooled}: FieldHolder,
  namedBy: CustomFields['namedBy'],
  sources: FieldSources,
): Promise<CustomFields | undefined> {
  const list = table.customFields;
  if (list === undefined || !holdsFields(spooled)) return undefined;
  const file = join(tenantFolder(sources.stateDir, sources.tenant), 'fields', `${table.name}.json`);
  const before = await readKnown(file);
  const read = await readFields(list, sources.runFolder);
  const options = await readOptions(list, sources.runFolder);
  const merged: Record<string, Known[string]> = {...before};
  for (const [key, field] of read) merged[key] = {...before[key], options: {}, ...before[key], ...field};
  for (const [key, field] of Object.entries(merged))
    merged[key] = {...field, options: options.get(key) ?? field.options};
  const warnings: string[] = [];
  if (namedBy === 'title') {
    const given = Object.entries(merged).flatMap(([key, {name}]) => (name === undefined ? [] : [[key, name] as const]));
    const titles = Object.entries(merged).map(([key, {title}]) => [key, title] as const);
    const names = nameTitles(table, new Map(titles.sort(byNumber)), new Map(given));
    for (const [key, field] of Object.entries(merged)) merged[key] = {...field, name: names.get(key)};
    if (read.size === 0)
      warnings.push(
        `${list.table.name} could not be read, so additional fields have the ${titles.length === 0 ? 'numbers' : 'names'} that they had`,
      );
  }
  if (JSON.stringify(merged) !== JSON.stringify(before))
    await writeKnown(file, merged).catch((error: unknown) => {
      warnings.push(`Names of additional fields could not be written down: ${messageOf(error)}`);
    });
  const byKey = Object.entries(merged).map(([key, field]) => [key, {...field, name: field.name ?? key}] as const);
  return {namedBy, byKey: new Map(byKey), warnings};
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

async function writeKnown(file: string, fields: Known): Promise<void> {
  const unfinished = `${file}.${randomUUID()}.tmp`;
  makeFolder(dirname(file));
  await writeFile(unfinished, `${JSON.stringify({fields})}\n`, {mode: 0o600});
  await rename(unfinished, file);
}

function byNumber([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return Number(a.replace(/\D/g, '')) - Number(b.replace(/\D/g, ''));
}
