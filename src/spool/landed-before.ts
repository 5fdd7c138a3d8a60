import type {SentType} from '../json/scanner.js';
import type {CompletedTable, Findings, PageLine, StartedExport, ToleratedRequest, Toleration} from './format.js';
import {loadManifest} from './load-manifest.js';
import {tallyTolerated} from './tolerated.js';

/** What is durable in a table's spool when it is opened. */
export class LandedBefore {
  /** Where the manifest's last valid line ends. */
  readonly manifestBytes: number;
  readonly found = new Found();
  /** Whether more had landed and was changed since. */
  readonly isChanged: boolean;
  readonly #replies = new Map<string, PageLine[]>();
  readonly #tolerated = new Map<string, ToleratedRequest>();
  #byBound: ReadonlyMap<string, readonly PageLine[]> | undefined;
  /** The offset at which each page's records end. */
  readonly #ends: number[] = [0];
  #completed: CompletedTable | undefined;
  #pass = 0;
  #records = 0;

  private constructor(manifestBytes: number, isChanged: boolean) {
    this.manifestBytes = manifestBytes;
    this.isChanged = isChanged;
  }

  static get nothing(): LandedBefore {
    return new LandedBefore(0, false);
  }

  static async read(manifestFile: string): Promise<LandedBefore> {
    const {lines, durableBytes, isChanged} = await loadManifest(manifestFile, {checked: true});
    const landed = new LandedBefore(durableBytes, isChanged);
    for (const line of lines) {
      landed.#completed = line.type === 'complete' ? line : undefined;
      if (line.type === 'export') landed.startedExport = line;
      if (line.type === 'whole') landed.wholeBecause = line.reason;
      if (line.type === 'tolerated') landed.#tolerated.set(line.request, line);
      if (line.type === 'page') landed.#add(line);
    }
    return landed;
  }

  /** When the first page landed. */
  readAt: string | null = null;
  /** Whether any of the records were derived from those of another table. */
  isDerived = false;
  /** The export of which the pages are; null if none was started. */
  startedExport: StartedExport | null = null;

  /** Why the whole table is read, if it could not be merged. */
  wholeBecause: string | null = null;

  #add(line: PageLine): void {
    // What an earlier pass landed is out of date, except for rows that were not met again.
    if (line.pass !== this.#pass) this.#replies.clear();
    this.#pass = line.pass;
    if (!line.carried) this.readAt ??= line.extracted_at;
    this.isDerived ||= line.facts === null;
    this.#replies.set(line.request, [...(this.#replies.get(line.request) ?? []), line]);
    this.#ends[line.page] = line.end_offset;
    this.#records += line.records;
    this.found.add(line);
    this.found.note(line);
  }

  /** What an earlier run proved, if nothing has landed since. */
  get completed(): CompletedTable | undefined {
    return this.#completed;
  }

  /** How often the whole table had been read before the last page's pass. */
  get pass(): number {
    return this.#pass;
  }

  get pages(): number {
    return this.#ends.length - 1;
  }

  get records(): number {
    return this.#records;
  }

  get recordBytes(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** The replies to a request in this pass, in order. */
  replies(request: string): readonly PageLine[] {
    return this.#replies.get(request) ?? [];
  }

  /** The pages of this pass that were bound to such values, in the order in which they landed. */
  boundTo(bound: PageLine['bound']): readonly PageLine[] {
    const name = nameBound(bound);
    this.#byBound ??= groupByBound([...this.#replies.values()].flat());
    return this.#byBound.get(name) ?? [];
  }

  /** Makes the whole table be asked for again. */
  forgetReplies(): void {
    this.#replies.clear();
  }

  tolerated(request: string): ToleratedRequest | undefined {
    return this.#tolerated.get(request);
  }

  tolerations(): readonly Toleration[] {
    return tallyTolerated(this.#tolerated.values());
  }

  /** The offset in the records file at which a page's records begin. */
  startOf({page}: PageLine): number {
    return this.#ends[page - 1] ?? 0;
  }
}

/** Equal for values that are bound alike, in whatever order. */
export function nameBound(bound: PageLine['bound']): string {
  return JSON.stringify(Object.entries(bound).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function groupByBound(pages: readonly PageLine[]): ReadonlyMap<string, readonly PageLine[]> {
  const groups = new Map<string, PageLine[]>();
  for (const page of [...pages].sort((a, b) => a.page - b.page)) {
    const name = nameBound(page.bound);
    const group = groups.get(name) ?? [];
    group.push(page);
    groups.set(name, group);
  }
  return groups;
}

/** All findings of the pages that have landed. */
export class Found {
  readonly undeclared = new Map<string, Set<SentType>>();
  readonly exact = new Set<string>();
  readonly mended = new Set<string>();
  readonly repeated = new Set<string>();
  readonly bound = new Set<string>();
  longestLine = 0;

  /** Notes what the spool has to tell the engine of a page that has landed. */
  note({bound, longest_line}: Pick<PageLine, 'bound' | 'longest_line'>): void {
    for (const name of Object.keys(bound)) this.bound.add(name);
    this.longestLine = Math.max(this.longestLine, longest_line);
  }

  /** Adds a page's findings, and returns those that are new. */
  add({undeclared, exact, mended, repeated}: Findings): Findings {
    const newTypes = Object.entries(undeclared).flatMap(([key, types]) => {
      const known = this.undeclared.get(key) ?? new Set();
      this.undeclared.set(key, known);
      const more = types.filter(type => !known.has(type));
      for (const type of more) known.add(type);
      return more.length === 0 ? [] : [[key, more] as const];
    });
    return {
      undeclared: Object.fromEntries(newTypes),
      exact: addNew(this.exact, exact),
      mended: addNew(this.mended, mended),
      repeated: addNew(this.repeated, repeated),
    };
  }
}

function addNew(known: Set<string>, names: readonly string[]): readonly string[] {
  const added = names.filter(name => !known.has(name));
  for (const name of added) known.add(name);
  return added;
}
