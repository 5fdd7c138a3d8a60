import {randomBytes} from 'node:crypto';
import {mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {DestinationError, messageOf} from '../errors.js';

export const hourMs = 3_600_000;
const rereadMs = 1000;

interface WindowOptions {
  /** Calls in any hour; infinite for no limit, when calls are remembered only for runs that have one. */
  readonly limit: number;
  /** Where the calls on this tenant are remembered, a file a run; null to remember nothing. */
  readonly folder: string | null;
  readonly now: () => number;
}

/**
 * The calls made on a tenant in the last hour, over all runs and processes. A call is written down before it is sent, so a run that is
 * killed has not forgotten it. Each run appends to a file of its own, a time in milliseconds a line: nothing is ever rewritten.
 */
export class HourlyWindow {
  readonly #options: WindowOptions;
  readonly #ownFile: string;
  #handle: number | undefined;
  /** Ascending. */
  #times: number[] = [];
  readonly #sizes = new Map<string, number>();
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#ownFile = `${process.pid}-${randomBytes(4).toString('hex')}.calls`;
  }

  /** Takes one call and gives 0; or takes none and gives the milliseconds until one fits. */
  take(): number {
    const {limit, now} = this.#options;
    const waitMs = Number.isFinite(limit) ? this.#waitMs(limit) : 0;
    if (waitMs > 0) return waitMs;
    const time = now();
    this.#times.push(time);
    this.#remember(time);
    return 0;
  }

  /** Milliseconds until the last of so many further calls could be sent. */
  msUntil(calls: number): number {
    const {limit, now} = this.#options;
    if (!Number.isFinite(limit)) return 0;
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
    return oldest === undefined ? 0 : Math.max(0, oldest + hourMs - this.#options.now());
  }

  /** Forgets what is older than an hour and reads what others have called since. */
  #refresh(): void {
    const nowMs = this.#options.now();
    const current = this.#times.findIndex(time => time > nowMs - hourMs);
    if (current !== 0) this.#times = current < 0 ? [] : this.#times.slice(current);
    if (this.#options.folder === null || Math.abs(nowMs - this.#readAtMs) < rereadMs) return;
    this.#readAtMs = nowMs;
    const before = this.#times.length;
    for (const name of listFiles(this.#options.folder)) {
      if (name !== this.#ownFile) this.#readOther(join(this.#options.folder, name), nowMs);
    }
    if (this.#times.length > before) this.#times.sort((a, b) => a - b);
  }

  #readOther(file: string, nowMs: number): void {
    try {
      const known = this.#sizes.get(file) ?? 0;
      if (statSync(file).size === known) return;
      const bytes = readFileSync(file);
      // A line that is just being written is read the next time.
      const end = bytes.lastIndexOf(0x0a) + 1;
      this.#sizes.set(file, end);
      const times = bytes.toString('latin1', known, end).split('\n').map(Number);
      const recent = times.filter(time => time > nowMs - hourMs).map(time => Math.min(time, nowMs));
      for (const time of recent) this.#times.push(time);
      if (known === 0 && recent.length === 0) rmSync(file, {force: true});
    } catch {
      // Another run is just removing it: it held nothing of this hour.
    }
  }

  #remember(time: number): void {
    const {folder, limit} = this.#options;
    if (folder === null) return;
    try {
      if (this.#handle === undefined) {
        mkdirSync(folder, {recursive: true, mode: 0o700});
        this.#handle = openSync(join(folder, this.#ownFile), 'a', 0o600);
      }
      writeSync(this.#handle, `${Math.round(time)}\n`);
    } catch (cause) {
      if (!Number.isFinite(limit)) return;
      throw new DestinationError(`The calls of this hour cannot be remembered in ${folder}: ${messageOf(cause)}.`, {
        hint: 'Choose another folder with --state-dir, or leave --max-requests-per-hour out.',
        cause,
      });
    }
  }
}

function listFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(name => name.endsWith('.calls'));
  } catch {
    return [];
  }
}
