import {open, readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {DestinationError} from '../errors.js';
import {findFate, markProcess, type ProcessMark} from '../process-mark.js';

/** Only the process that holds it works on the run's folder. */
export interface Claim {
  /** Aborted when another process has taken over the folder, which it may if this one stood still for long. */
  readonly lost: AbortSignal;
  /** Throws DestinationError if the claim is lost, which a process that stood still may not have noticed yet. */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

/** Who holds a folder; null if that is not written down yet. */
export interface Holder {
  readonly heldBy: ProcessMark | null;
}

/** The times in a claim's life, in milliseconds. */
interface Pace {
  /** How often a holder shows that it is alive. */
  readonly beatMs: number;
  /** A holder of which nothing else is known counts as dead after this silence, which is longer than any blocked event loop lasts. */
  readonly silenceMs: number;
  /** How often a waiting process looks at the claim. */
  readonly lookMs: number;
}

const usualPace: Pace = {beatMs: 5000, silenceMs: 60_000, lookMs: 1000};

export interface Patience {
  /** Called once, with the longest wait, if it takes a wait to see whether the holder is alive. */
  readonly onWait: (ms: number) => void;
  readonly signal?: AbortSignal | undefined;
}

interface LastClaim {
  readonly number: number;
  readonly file: string;
  /** `unclear`: held by a process of another container or machine, which is alive if the claim keeps changing. */
  readonly state: 'free' | 'held' | 'unclear';
  readonly heldBy: ProcessMark | null;
  /** The content of the file, which changes with each beat. */
  readonly text: string;
}

const pattern = /^claim-(\d+)(\.over)?$/;

/**
 * Claims a folder for this process, or returns who holds it. Claims are numbered, and the highest counts: after a claim that is over, or
 * that a dead process left, comes the next number. A claim is never removed or renamed; a second file beside it says that it is over. So
 * each number is used once, even by a process with an outdated listing of the folder. A holder counts its beats in its claim, for those who
 * cannot look up its process: clocks may differ, stand still or be set. Without `patience`, such a holder's folder is taken over only if
 * it was seen silent long ago.
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

/** Whether any process works on the folder, as far as is known. */
export async function isHeld(folder: string): Promise<boolean> {
  const last = await findLast(folder);
  return last.state === 'held' || (last.state === 'unclear' && !(await isOlder(last.file, usualPace.silenceMs)));
}

/** Whether a run began in the folder and no process works on it any more. */
export async function isAbandoned(folder: string): Promise<boolean> {
  const last = await findLast(folder);
  return last.number > 0 && (last.state === 'free' || (last.state === 'unclear' && (await hasBeenSilent(last))));
}

/** False if another process made this claim first. */
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
    // An empty claim would look like one whose holder has not shown itself yet.
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
    // A full disk or a missing folder does not mean that another process has the run.
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
    `Another process has taken over run ${basename(folder)}, because this one stood still for more than ${seconds} seconds.`,
    {hint: 'This process published nothing. Look at how the other one ends.'},
  );
}

const beatDigits = 12;

/** Overwrites in place, which works on a full disk too. */
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

/** Null if the writer has not finished the mark, or never will. */
function parseMark(text: string): ProcessMark | null {
  try {
    const mark: ProcessMark | null = JSON.parse(text.slice(0, text.indexOf('\n') + 1));
    return typeof mark?.pid === 'number' ? mark : null;
  } catch {
    return null;
  }
}

/** Whether the claim was seen with the same content long ago. New content is noted for the next process that looks. */
async function hasBeenSilent({file, text}: LastClaim, {silenceMs} = usualPace): Promise<boolean> {
  const seen = `${file}.seen`;
  if ((await readFile(seen, 'utf8').catch(() => null)) === text) return isOlder(seen, silenceMs);
  await writeFile(seen, text, {mode: 0o600}).catch(() => undefined);
  return false;
}

async function isOlder(file: string, ms: number): Promise<boolean> {
  return Date.now() - (await stat(file)).mtimeMs > ms;
}

/** Watches the claim until it changes, or has not changed for long by this process's own clock. */
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
