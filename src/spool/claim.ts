import {open, readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {DestinationError} from '../errors.js';
import {findFate, markProcess, type ProcessMark} from '../process-mark.js';

/** Whoever holds it works on a run's folder alone. */
export interface Claim {
  /** Aborted when another process has taken the folder over, as it may where this one stood still for long. */
  readonly lost: AbortSignal;
  /** Throws DestinationError if it is lost, which a process that stood still may not have noticed yet. */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

/** Who holds a folder; null where that is not written down yet. */
export interface Holder {
  readonly heldBy: ProcessMark | null;
}

/** Milliseconds of a claim's life. */
interface Pace {
  /** How often a holder shows that it goes on. */
  readonly beatMs: number;
  /** One that nothing else is known of is taken for dead if it is silent for so long: enough for a loop that is blocked. */
  readonly silenceMs: number;
  /** How often whoever waits for it looks. */
  readonly lookMs: number;
}

const usualPace: Pace = {beatMs: 5000, silenceMs: 60_000, lookMs: 1000};

export interface Patience {
  /** Told once if it has to be waited for whether the holder shows itself: milliseconds at the most. */
  readonly onWait: (ms: number) => void;
  readonly signal?: AbortSignal | undefined;
}

interface LastClaim {
  readonly number: number;
  readonly file: string;
  /** `unclear`: held by a process of another container or machine, which goes on if it shows itself. */
  readonly state: 'free' | 'held' | 'unclear';
  readonly heldBy: ProcessMark | null;
  /** What the file holds, another thing after each beat. */
  readonly text: string;
}

const pattern = /^claim-(\d+)(\.over)?$/;

/**
 * Claims a folder for this process, or gives the one that holds it. Claims are numbered, and the highest counts: what is over or was
 * left by a dead process is followed by the next number. A claim is never removed or renamed, so that each number is made once only, however
 * old the list of the folder that somebody goes by; a second file beside it says that it is over. A holder whose number is not known here
 * counts its beats in its claim, since clocks may differ, stand still or be set. Without patience it is taken over only if it was seen
 * silent long ago.
 */
export async function claim(folder: string, patience?: Patience, pace = usualPace): Promise<Claim | Holder> {
  for (;;) {
    const last = await findLast(folder);
    if (last.state === 'held') return last;
    if (last.state === 'unclear' && !(await hasBeenSilent(last, pace)) && !(await waitForSilence(last, patience, pace)))
      return last;
    const own = join(folder, `claim-${last.number + 1}`);
    const mark = `${JSON.stringify(await markProcess())}\n`;
    if (await makeClaim(own, mark)) return hold(own, Buffer.byteLength(mark), pace);
  }
}

/** Whether somebody works on a folder, as far as is known. */
export async function isHeld(folder: string): Promise<boolean> {
  const last = await findLast(folder);
  return last.state === 'held' || (last.state === 'unclear' && !(await isOlder(last.file, usualPace.silenceMs)));
}

/** Whether a run was begun in the folder that nobody works on any more. */
export async function isAbandoned(folder: string): Promise<boolean> {
  const last = await findLast(folder);
  return last.number > 0 && (last.state === 'free' || (last.state === 'unclear' && (await hasBeenSilent(last))));
}

/** Whether the claim could be made: another process may have been first. */
async function makeClaim(file: string, mark: string): Promise<boolean> {
  const handle = await open(file, 'wx', 0o600).catch(error => {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  });
  if (handle === undefined) return false;
  try {
    await handle.writeFile(mark);
    return true;
  } catch (error) {
    // It could not be told from one whose holder has yet to show itself.
    await giveUp(file).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

function hold(file: string, markBytes: number, {beatMs, silenceMs}: Pace): Claim {
  const lost = new AbortController();
  let beats = 0;
  const look = async () => {
    if ((await findLast(dirname(file))).file !== file) lost.abort(takenOver(dirname(file), silenceMs));
  };
  const beat = async () => {
    // A full disk, or a folder that is gone, does not say that another process has the run.
    await look().catch(() => undefined);
    if (lost.signal.aborted) clearInterval(timer);
    else await write(file, markBytes, String(++beats).padStart(beatDigits, '0')).catch(() => undefined);
  };
  const timer = setInterval(() => void beat(), beatMs);
  timer.unref();
  return {
    lost: lost.signal,
    async confirm() {
      await look();
      lost.signal.throwIfAborted();
    },
    async release() {
      clearInterval(timer);
      await giveUp(file);
    },
  };
}

function takenOver(folder: string, silenceMs: number): DestinationError {
  const seconds = silenceMs / 1000;
  return new DestinationError(
    `Another process has taken over run ${basename(folder)}, for this one stood still for more than ${seconds} seconds.`,
    {hint: 'Nothing was published by this one. See what the other one makes of it.'},
  );
}

const beatDigits = 12;

/** In place, for which a full disk has room. */
async function write(file: string, position: number, text: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.write(text, position);
  } finally {
    await handle.close();
  }
}

async function giveUp(file: string): Promise<void> {
  await writeFile(`${file}.over`, '', {mode: 0o600});
}

async function findLast(folder: string): Promise<LastClaim> {
  let [number, isOver] = [0, false];
  for (const name of await readdir(folder)) {
    const [, digits = '0', over] = pattern.exec(name) ?? [];
    if (Number(digits) > number) [number, isOver] = [Number(digits), over !== undefined];
    else if (Number(digits) === number && over !== undefined) isOver = true;
  }
  const file = join(folder, `claim-${number}`);
  if (number === 0 || isOver) return {number, file, state: 'free', heldBy: null, text: ''};
  const text = await readFile(file, 'utf8');
  const heldBy = parseMark(text);
  const fate = heldBy === null ? 'unknown' : await findFate(heldBy);
  const state = fate === 'dead' ? 'free' : fate === 'alive' ? 'held' : 'unclear';
  return {number, file, state, heldBy, text};
}

/** Null if its writer has not come to the end of it, or never did. */
function parseMark(text: string): ProcessMark | null {
  try {
    const mark: ProcessMark | null = JSON.parse(text.slice(0, text.indexOf('\n') + 1));
    return typeof mark?.pid === 'number' ? mark : null;
  } catch {
    return null;
  }
}

/** Whether it stood as it does now when somebody looked before, long ago. What is seen for the first time is noted for whoever comes next. */
async function hasBeenSilent({file, text}: LastClaim, {silenceMs} = usualPace): Promise<boolean> {
  const seen = `${file}.seen`;
  if ((await readFile(seen, 'utf8').catch(() => null)) === text) return isOlder(seen, silenceMs);
  await writeFile(seen, text, {mode: 0o600}).catch(() => undefined);
  return false;
}

async function isOlder(file: string, ms: number): Promise<boolean> {
  return Date.now() - (await stat(file)).mtimeMs > ms;
}

/** Looks at it until it shows itself, or has been silent for long by this process's own count of time. */
async function waitForSilence(
  {file, text}: LastClaim,
  patience: Patience | undefined,
  {silenceMs, lookMs}: Pace,
): Promise<boolean> {
  if (patience === undefined) return false;
  patience.onWait(silenceMs);
  const endMs = performance.now() + silenceMs;
  while (performance.now() < endMs) {
    await sleep(lookMs, undefined, {signal: patience.signal});
    if ((await readFile(file, 'utf8')) !== text) return false;
  }
  return true;
}
