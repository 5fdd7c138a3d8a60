import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {writeWhole} from '../../local-paths.js';
import {tenantFolder} from '../../source/tenant.js';
import type {Table} from '../../table.js';

/** The names of tables by the ids of their reports. */
export type ReportNames = ReadonlyMap<string, string>;

function fileOf(stateDir: string, tenant: string): string {
  return join(tenantFolder(stateDir, tenant), 'reports.json');
}

/** The names that the tables of reports have had. None if they cannot be read: then they are made anew. */
export async function recallNames(stateDir: string, tenant: string): Promise<ReportNames> {
  try {
    const names: Record<string, string> = JSON.parse(await readFile(fileOf(stateDir, tenant), 'utf8'));
    return new Map(Object.entries(names));
  } catch {
    return new Map();
  }
}

/** Writes names down, so that a report that is renamed or gone keeps its table. */
export async function rememberNames(stateDir: string, tenant: string, tables: readonly Table[]): Promise<void> {
  const before = await recallNames(stateDir, tenant);
  const names = new Map(before);
  for (const {exportOf, name} of tables) if (exportOf !== undefined) names.set(exportOf.id, name);
  if ([...names].every(([id, name]) => before.get(id) === name)) return;
  // The run itself says so if the folder cannot be written.
  const text = `${JSON.stringify(Object.fromEntries(names), null, 2)}\n`;
  await writeWhole(fileOf(stateDir, tenant), text).catch(() => undefined);
}
