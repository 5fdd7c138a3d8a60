import {copyFile, link, open, readdir, readFile, rename, rm, stat} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {makeFolder, writeWhole} from '../local-paths.js';
import {
  type CompletedTable,
  manifestName,
  type PageLine,
  recordsName,
  type SpooledTable,
  type ToleratedRequest,
} from './format.js';
import {Found} from './landed-before.js';
import {loadManifest} from './load-manifest.js';
import {spoolVersion} from './run-record.js';

/*
 * The base of a table is what the last proved run landed of it, on which a merge builds. It stands in the folder of its tenant, which is that of one
 * credential's user:
 *
 *     bases/<table>/base.json           which of the folders beside it is the base (BaseEntry)
 *     bases/<table>/<load id>/          its records and manifest, as in a run (format.ts)
 *     bases/<table>/distrust.json       why the table's change filter is not used (Distrust)
 *
 * The records are those of the run's own spool under a second name, so a base takes no room as long as its run is kept. A merge drops each record that it
 * replaces, so a base holds each row once.
 */

const entryName = 'base.json';
const distrustName = 'distrust.json';

interface BaseEntry {
  readonly version: number;
  readonly tenant: string;
  readonly table: string;
  /** The folder that holds it, named after the run that landed it. */
  readonly loadId: string;
  /** The route that served it (`fullRouteName`). */
  readonly route: string;
  readonly rows: number;
  /** Changes from this moment on may be missing. ISO 8601, UTC. */
  readonly askedAt: string;
  /** When the oldest of its rows was read. ISO 8601, UTC. */
  readonly oldest: string;
}

interface Distrust {
  readonly reason: string;
  readonly since: string;
}

/** A base that a merge has taken. */
export interface Base {
  readonly recordsFile: string;
  readonly completed: CompletedTable;
  /** In order of landing. */
  readonly pages: readonly PageLine[];
  readonly tolerated: readonly ToleratedRequest[];
  readonly found: Found;
  /** Changes from this moment on may be missing. */
  readonly askedAtMs: number;
  /** When the oldest of its rows was read. */
  readonly oldestMs: number;
}

/** What is told of a base. `damage`: why it cannot be used. */
export interface BaseSummary extends BaseEntry {
  readonly bytes: number;
  readonly damage: string | null;
  readonly distrust: string | null;
}

/** The bases of one tenant. */
export class Bases {
  readonly #folder: string;

  /** `tenantFolder`: see source/tenant.ts. */
  constructor(tenantFolder: string) {
    this.#folder = join(tenantFolder, 'bases');
  }

  /**
   * Takes a table's base into a folder of the run, so that it stays as it is whatever other runs do. A run that is resumed keeps the one that it took.
   * Returns the reason if there is none to merge with.
   */
  async take(table: string, routes: readonly string[], into: string): Promise<Base | string> {
    const taken = join(into, manifestName);
    if ((await sizeOf(taken)) === 0) {
      const reason = await this.#link(table, routes, into);
      if (reason !== null) return reason;
    }
    return readWhole(into);
  }

  async #link(table: string, routes: readonly string[], into: string): Promise<string | null> {
    // Another run may put a new base in place and remove this one at that moment.
    for (let attempt = 1; ; attempt++) {
      const entry = await this.#find(table, routes);
      if (typeof entry === 'string') return entry;
      try {
        await linkSpool(join(this.#folder, table, entry.loadId), into);
        return null;
      } catch (error) {
        const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        if (!isGone) throw error;
        if (attempt > 2) return 'What earlier runs have read is not on disk any more.';
      }
    }
  }

  /** Looks at what `take` would take. It may be gone at the next moment. */
  async peek(table: string, routes: readonly string[]): Promise<Base | string> {
    const entry = await this.#find(table, routes);
    if (typeof entry === 'string') return entry;
    return readWhole(join(this.#folder, table, entry.loadId));
  }

  async #find(table: string, routes: readonly string[]): Promise<BaseEntry | string> {
    const entry = await this.#read(table);
    if (entry === null) return 'No earlier run has read the table whole.';
    return findObstacle(entry, routes) ?? entry;
  }

  /**
   * Makes the spool of a table that was proved its base. Leaves a base alone that a newer version has written or a later run has read. A crash leaves the
   * earlier base or the new one.
   */
  async renew(tenant: string, loadId: string, {name, manifestFile, servedBy}: SpooledTable): Promise<void> {
    const standing = await this.#read(name);
    const isLeftAlone = standing !== null && (standing.version > spoolVersion || standing.loadId === loadId);
    const base = await readBase(dirname(manifestFile));
    if (servedBy === undefined || isLeftAlone || base === undefined) return;
    const standingMs = standing === null ? 0 : Date.parse(standing.askedAt);
    // One from the future was read when the clock was ahead.
    if (standingMs > base.askedAtMs && standingMs <= Date.now()) return;
    await linkSpool(dirname(manifestFile), join(this.#folder, name, loadId));
    const entry: BaseEntry = {
      version: spoolVersion,
      tenant,
      table: name,
      loadId,
      route: servedBy,
      rows: base.completed.records,
      askedAt: new Date(base.askedAtMs).toISOString(),
      oldest: new Date(base.oldestMs).toISOString(),
    };
    await writeWhole(join(this.#folder, name, entryName), `${JSON.stringify(entry, null, 2)}\n`);
    if (standing !== null) await rm(join(this.#folder, name, standing.loadId), {recursive: true, force: true});
    await removeOthers(join(this.#folder, name), loadId);
  }

  /** Why a table's change filter is not used; null if it is. */
  async distrustOf(table: string): Promise<string | null> {
    return (await readJson<Distrust>(join(this.#folder, table, distrustName)))?.reason ?? null;
  }

  /** Notes that a table's change filter misses changes. Until `trust`, the table is read whole. */
  async distrust(table: string, reason: string): Promise<void> {
    const note: Distrust = {reason, since: new Date().toISOString()};
    await writeWhole(join(this.#folder, table, distrustName), `${JSON.stringify(note)}\n`);
  }

  async trust(table: string): Promise<void> {
    await rm(join(this.#folder, table, distrustName), {force: true});
  }

  async #read(table: string): Promise<BaseEntry | null> {
    return readJson<BaseEntry>(join(this.#folder, table, entryName));
  }
}

function findObstacle({version, route}: BaseEntry, routes: readonly string[]): string | null {
  if (version > spoolVersion) return 'What earlier runs have read was written by a newer version of this program.';
  if (version < spoolVersion) return 'What earlier runs have read was written by an older version of this program.';
  return routes.includes(route) ? null : `The last run has read it by ${route}.`;
}

/** Gives a spool's records a second name, and copies its manifest: a run that is resumed may add to it. The manifest comes last, since without it there is nothing. */
async function linkSpool(from: string, to: string): Promise<void> {
  await rm(to, {recursive: true, force: true});
  makeFolder(to);
  const [records, manifest] = [join(to, recordsName), join(to, manifestName)];
  // Some file systems know no second names.
  await link(join(from, recordsName), records).catch(async () => copyFile(join(from, recordsName), records));
  await copyFile(join(from, manifestName), `${manifest}.tmp`);
  for (const file of [records, `${manifest}.tmp`]) await sync(file);
  await rename(`${manifest}.tmp`, manifest);
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Undefined if it is not what was written: by its lengths alone or, `checked`, in any byte. */
async function readBase(folder: string, {checked = false} = {}): Promise<Base | undefined> {
  const {lines, isChanged} = await loadManifest(join(folder, manifestName), {checked});
  const completed = lines.at(-1);
  if (isChanged || completed?.type !== 'complete') return undefined;
  const pages = lines.filter(line => line.type === 'page');
  const found = new Found();
  for (const page of pages) {
    found.add(page);
    found.note(page);
  }
  const tolerated = lines.filter(line => line.type === 'tolerated');
  const readAt = [...pages, ...tolerated].flatMap(({extracted_at: at}) => (at === undefined ? [] : [Date.parse(at)]));
  const oldestMs = readAt.reduce((oldest, at) => Math.min(oldest, at), Number.POSITIVE_INFINITY);
  if (!Number.isFinite(oldestMs)) return undefined;
  const {asked_at: askedAt, clock_ahead_ms: aheadMs = 0} = completed;
  const askedAtMs = askedAt === undefined ? oldestMs : Date.parse(askedAt) - aheadMs;
  return {recordsFile: join(folder, recordsName), completed, pages, tolerated, found, askedAtMs, oldestMs};
}

/** Checks every byte of a base that is to be merged with. */
async function readWhole(folder: string): Promise<Base | string> {
  return (await readBase(folder, {checked: true})) ?? 'What earlier runs have read has changed on disk.';
}

/** The bases of all tenants in a state folder. */
export async function listBases(stateDir: string): Promise<readonly BaseSummary[]> {
  const summaries: BaseSummary[] = [];
  for (const folder of await listBaseFolders(stateDir)) {
    const entry = await readJson<BaseEntry>(join(folder, entryName));
    if (entry === null) continue;
    const base = join(folder, entry.loadId);
    const isForeign = entry.version !== spoolVersion;
    const isWhole = isForeign || (await readBase(base).catch(() => undefined)) !== undefined;
    summaries.push({
      ...entry,
      bytes: (await sizeOf(join(base, recordsName))) + (await sizeOf(join(base, manifestName))),
      damage: isForeign ? 'written by another version' : isWhole ? null : 'changed on disk',
      distrust: (await readJson<Distrust>(join(folder, distrustName)))?.reason ?? null,
    });
  }
  return summaries;
}

/** Removes the bases that were asked for before a moment, and what crashes have left of others. Those of a newer version stay. Returns those removed. */
export async function pruneBases(stateDir: string, beforeMs: number): Promise<readonly BaseSummary[]> {
  const bases = await listBases(stateDir);
  const pruned = bases.filter(
    ({version, askedAt, damage}) => version <= spoolVersion && (damage !== null || Date.parse(askedAt) < beforeMs),
  );
  for (const folder of await listBaseFolders(stateDir)) {
    const entry = await readJson<BaseEntry>(join(folder, entryName));
    const isPruned = pruned.some(({loadId, table}) => loadId === entry?.loadId && table === basename(folder));
    // The entry first: a base that nothing names is no base.
    if (isPruned && entry !== null) {
      await rm(join(folder, entryName), {force: true});
      await rm(join(folder, entry.loadId), {recursive: true, force: true});
    }
    if ((entry?.version ?? 0) <= spoolVersion) await removeOthers(folder, isPruned ? null : (entry?.loadId ?? null));
  }
  return pruned;
}

async function listBaseFolders(stateDir: string): Promise<readonly string[]> {
  const tenants = join(stateDir, 'tenants');
  const folders: string[] = [];
  for (const tenant of await list(tenants)) {
    const bases = join(tenants, tenant, 'bases');
    for (const table of await list(bases)) folders.push(join(bases, table));
  }
  return folders;
}

/** What is younger may be a base that another run is putting in place. */
const unfinishedMs = 3_600_000;

/** Removes what crashes have left beside a base in its table's folder. */
async function removeOthers(folder: string, loadId: string | null): Promise<void> {
  for (const name of await list(folder)) {
    const {mtimeMs} = await stat(join(folder, name)).catch(() => ({mtimeMs: Number.POSITIVE_INFINITY}));
    if (name !== loadId && !name.endsWith('.json') && Date.now() - mtimeMs > unfinishedMs)
      await rm(join(folder, name), {recursive: true, force: true});
  }
}

async function readJson<T>(file: string): Promise<T | null> {
  try {
    const value: T | null = JSON.parse(await readFile(file, 'utf8'));
    return value;
  } catch {
    return null;
  }
}

async function list(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => ({size: 0}))).size;
}
