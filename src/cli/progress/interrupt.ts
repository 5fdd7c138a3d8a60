import {exitCodes, IngestError, InterruptedError} from '../../errors.js';
import {tellEnd, tellLine} from '../printing/print.js';
import type {ProgressOptions} from './progress.js';

/** A second signal this soon is the same wish: `timeout` sends one to the process and one to its group, a terminal may too. */
const sameWishMs = 1000;

/** Of a person, of a supervisor, of a terminal or connection that is gone. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Listener = (name: NodeJS.Signals) => void;

/** Whoever has to do with a signal now. */
let listener: Listener | undefined;

/**
 * Has the signals heard, from the start of a command until the process is gone, by the one who listened last: at first that ends the command,
 * later a run ends itself.
 */
export function hearSignals(next: Listener): void {
  if (listener === undefined) for (const name of stopSignals) process.on(name, () => listener?.(name));
  listener = next;
}

/** Stops a command that has not begun to work yet, once, with what is to be told. */
export function stopEarly(end: (error: InterruptedError) => void): void {
  let isStopping = false;
  hearSignals(name => {
    if (!isStopping) end(new InterruptedError(`Stopped by ${name}.`, {hint: againHint}));
    isStopping = true;
  });
}

const againHint = 'Run the same command again.';

/** What a command does that may be stopped: those that only ask Docebo leave every table as it is anyway. */
export type Purpose = 'publish' | 'ask';

interface InterruptOptions {
  readonly purpose: Purpose;
  readonly now?: () => number;
  /** What a signal does that comes again while the work is being stopped. */
  readonly onAgain: () => void;
}

/**
 * Gives `work` a signal that SIGINT, SIGTERM and SIGHUP abort. What an aborted run throws unawares is told as the interruption it is; a
 * signal that comes again later does not wait for the tidying up. One that comes when the work is over changes nothing: what is left is
 * to say how it ended. So they are heard until the process is gone.
 */
export async function withInterrupt<T>(
  work: (signal: AbortSignal) => Promise<T>,
  {purpose, now = Date.now, onAgain}: InterruptOptions,
): Promise<T> {
  const controller = new AbortController();
  const {signal} = controller;
  /** When the first came, or the work was over. */
  let heardAtMs: number | undefined;
  hearSignals(name => {
    if (heardAtMs === undefined) {
      heardAtMs = now();
      controller.abort(new InterruptedError(`Stopped by ${name}`));
    } else if (now() - heardAtMs >= sameWishMs) {
      onAgain();
    }
  });
  try {
    return await work(signal);
  } catch (error) {
    throw signal.aborted ? explainInterruption(error, signal.reason, purpose) : error;
  } finally {
    heardAtMs = now();
  }
}

/** A run says itself what became of its tables and how to go on; whatever else was stopped has changed nothing. */
function explainInterruption(error: unknown, reason: InterruptedError, purpose: Purpose): unknown {
  const isTold = error instanceof IngestError && !(error instanceof InterruptedError && error.hint === undefined);
  if (isTold) return error;
  const outcome = purpose === 'publish' ? ': nothing was published, every table is as it was' : '';
  return new InterruptedError(`${reason.message}${outcome}.`, {
    hint: againHint,
    cause: error,
  });
}

/** Resolves at the first signal to stop: stopping is how a server is meant to end. */
export function untilStopped(): Promise<void> {
  return new Promise(resolve => {
    hearSignals(() => resolve());
  });
}

/** Ends the process without tidying up; what has landed is durable. */
export function stopAtOnce(progress: ProgressOptions['progress'], purpose: Purpose): never {
  const kept = ' What has landed is kept: the same ingest command with --resume goes on with it.';
  const message = `Stopped at once.${purpose === 'publish' ? kept : ''}`;
  if (progress === 'json') tellEnd({exitCode: exitCodes.interrupted, error: {message}});
  else tellLine(`docebo-ingest: ${message}`);
  process.exit(exitCodes.interrupted);
}
