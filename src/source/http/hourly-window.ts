import {randomBytes} from 'node:crypto';
import {closeSync, fstatSync, openSync, readdirSync, readSync, rmSync, statSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {DestinationError, messageOf} from '../../errors.js';
import {makeFolder} from '../../local-paths.js';

export const hourMs = 3_600_000;
/** No running run needs anything older. */
const keptMs = 24 * hourMs;
/** If two runs take the last call at once, both give it back and ask again at different times. */
const mostContendedMs = 250;

/** What is used of the hourly limit, over all runs. */
export interface HourlyUsage {
  readonly limit: number;
  readonly used: number;
  /** When the next call may be made; null for now. */
  readonly nextAtMs: number | null;
  /** When the whole limit is free again; null if it is. */
  readonly freeAtMs: number | null;
}

interface WindowOptions {
  /** Calls in any hour; infinite for no limit. Then calls are remembered for the runs that have one. */
  readonly limit: number;
  /** Where the calls on this tenant are remembered, a file per run; null to remember nothing. */
  readonly folder: string | null;
  readonly now: () => number;
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/**
 * The calls made on a tenant in the last hour, over all runs and processes. A call is written down before it is sent, so that a killed run does not
 * forget it, and counted after it is written down, so that two runs cannot both take the last one. Each run appends to its own file. Each line is a
 * time in milliseconds, or its negative if a call was given back: nothing is ever rewritten.
 */
export class HourlyWindow {
  readonly #options: WindowOptions;
  readonly #ownFile: string;
  #handle: number | undefined;
  /** Ascending. */
  #times: number[] = [];
  readonly #sizes = new Map<string, number>();

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#ownFile = `${process.pid}-${randomBytes(4).toString('hex')}.calls`;
  }

  get isLimited(): boolean {
    return Number.isFinite(this.#options.limit);
  }

  /** The limit as its user knows it. */
  describe(): string {
    return `--max-requests-per-hour ${this.#options.limit}`;
  }

  /** Null if there is no limit. */
  usage(): HourlyUsage | null {
    const {limit, now} = this.#options;
    if (!this.isLimited) return null;
    const waitMs = this.#waitMs(limit);
    const last = this.#times.at(-1);
    return {
      limit,
      used: this.#times.length,
      nextAtMs: waitMs > 0 ? now() + waitMs : null,
      freeAtMs: last === undefined ? null : last + hourMs,
    };
  }

  /** Takes one call and returns 0, or takes none and returns the milliseconds until one may fit. */
  take(): number {
    const {limit, now, random = Math.random} = this.#options;
    const waitMs = this.isLimited ? this.#waitMs(limit) : 0;
    if (waitMs > 0) return waitMs;
    const time = Math.round(now());
    this.#remember(time);
    this.#times.push(time);
    if (!this.isLimited) return 0;
    this.#refresh();
    if (this.#times.length <= limit) return 0;
    this.#remember(-time);
    this.#forget(time);
    return 1 + random() * mostContendedMs;
  }

  /** Milliseconds until the last of `calls` further calls could be sent. */
  msUntil(calls: number): number {
    const {limit, now} = this.#options;
    if (!this.isLimited) return 0;
    this.#refresh();
    const times = [...this.#times];
    for (let call = 0; call < calls; call++) {
      const oldest = times[times.length - limit];
      times.push(Math.max(now(), times.at(-1) ?? 0, oldest === undefined ? 0 : oldest + hourMs));
    }
    return Math.max(0, (times.at(-1) ?? 0) - now());
  }

  #waitMs(limit: number): number {
    this.#refresh();
    const oldest = this.#times[this.#times.length - limit];
    // Another run's clock may be ahead.
    return oldest === undefined ? 0 : Math.min(hourMs, Math.max(0, oldest + hourMs - this.#options.now()));
  }

  /** Forgets calls that are older than an hour and reads those that other runs have made since. */
  #refresh(): void {
    const nowMs = this.#options.now();
    // The clock was set back: calls that it dated further ahead than that would not be an hour old for a long time.
    if ((this.#times.at(-1) ?? 0) > nowMs + hourMs) this.#times = this.#times.map(time => Math.min(time, nowMs));
    const current = this.#times.findIndex(time => time > nowMs - hourMs);
    if (current !== 0) this.#times = current < 0 ? [] : this.#times.slice(current);
    if (this.#options.folder === null) return;
    const before = this.#times.length;
    for (const name of listFiles(this.#options.folder)) {
      if (name !== this.#ownFile) this.#readOther(join(this.#options.folder, name), nowMs);
    }
    if (this.#times.length > before) this.#times.sort((a, b) => a - b);
  }

  #readOther(file: string, nowMs: number): void {
    try {
      const {size} = statSync(file);
      // A file that was removed begins anew.
      const known = Math.min(size, this.#sizes.get(file) ?? 0);
      if (size === known) return;
      const bytes = readFrom(file, known, size);
      // A line that is only half written is read next time.
      const end = bytes.lastIndexOf(0x0a) + 1;
      this.#sizes.set(file, known + end);
      const times = parseTimes(bytes.subarray(0, end));
      if (times.some(time => time > nowMs + hourMs)) {
        this.#takeOver(file, readFrom(file, 0, known + end), known, nowMs);
        return;
      }
      for (const time of times) {
        if (Math.abs(time) <= nowMs - hourMs) continue;
        if (time > 0) this.#times.push(time);
        else this.#forget(-time);
      }
      if (times.some(time => Math.abs(time) > nowMs - keptMs)) return;
      rmSync(file, {force: true});
      this.#sizes.delete(file);
    } catch {
      // Another run is removing it, so it held nothing of this hour.
    }
  }

  /**
   * A clock that is or was more than an hour ahead has dated these calls. They were made by now at the latest, so they are written down as made now:
   * otherwise they would count until that date. If the run that made them goes on, it sees that its file is gone and begins another.
   */
  #takeOver(file: string, bytes: Buffer, known: number, nowMs: number): void {
    for (const time of parseTimes(bytes.subarray(0, known))) this.#forget(time);
    const calls: number[] = [];
    for (const time of parseTimes(bytes)) {
      if (time > 0) calls.push(Math.min(time, nowMs));
      else removeLast(calls, Math.min(-time, nowMs));
    }
    for (const time of calls.filter(call => call > nowMs - hourMs)) {
      this.#remember(time);
      this.#times.push(time);
    }
    this.#times.sort((a, b) => a - b);
    rmSync(file, {force: true});
    this.#sizes.delete(file);
  }

  #forget(time: number): void {
    removeLast(this.#times, time);
  }

  #remember(time: number): void {
    const {folder, limit} = this.#options;
    if (folder === null) return;
    try {
      writeSync(this.#openOwn(folder), `${time}\n`);
    } catch (cause) {
      if (!Number.isFinite(limit)) return;
      throw new DestinationError(`The calls of this hour cannot be remembered in ${folder}: ${messageOf(cause)}.`, {
        hint: 'Choose another folder with --state-dir, or leave --max-requests-per-hour out.',
        cause,
      });
    }
  }

  /** The file of a run that was idle for long may have been removed. */
  #openOwn(folder: string): number {
    if (this.#handle !== undefined && fstatSync(this.#handle).nlink > 0) return this.#handle;
    if (this.#handle !== undefined) closeSync(this.#handle);
    makeFolder(folder);
    this.#handle = openSync(join(folder, this.#ownFile), 'a', 0o600);
    return this.#handle;
  }
}

function removeLast(times: number[], time: number): void {
  const at = times.lastIndexOf(time);
  if (at >= 0) times.splice(at, 1);
}

function parseTimes(lines: Buffer): readonly number[] {
  return lines
    .toString('latin1')
    .split('\n')
    .map(Number)
    .filter(time => Number.isFinite(time) && time !== 0);
}

function readFrom(file: string, start: number, end: number): Buffer {
  const bytes = Buffer.alloc(end - start);
  const handle = openSync(file, 'r');
  try {
    return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, start));
  } finally {
    closeSync(handle);
  }
}

function listFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(name => name.endsWith('.calls'));
  } catch {
    return [];
  }
}
