import {exitCodes, IngestError, InterruptedError} from '../../errors.js';
import {tellEnd, tellLine} from '../printing/print.js';
import type {ProgressOptions} from './progress.js';

/** A second signal this soon is the same wish: `timeout` sends one to the process and one to its group, a terminal may too. */
const sameWishMs = 1000;

/** From a person, a supervisor, and a terminal or connection that is gone. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Listener = (name: NodeJS.Signals) => void;

/** What handles a signal now. */
let listener: Listener | undefined;

/**
 * Hands signals, from the start of a command until the process is gone, to the latest listener: at first it ends the command, later a run ends
 * itself.
 */
function hearSignals(next: Listener): void {
  if (listener === undefined) for (const name of stopSignals) process.on(name, () => listener?.(name));
  listener = next;
}

/** Stops a command that has not begun its work, once, with the error to report. */
export function stopEarly(end: (error: InterruptedError) => void): void {
  let isStopping = false;
  hearSignals(name => {
    if (!isStopping) end(new InterruptedError(`Stopped by ${name}.`, {hint: againHint}));
    isStopping = true;
  });
}

const againHint = 'Run the same command again.';

/** Whether a command publishes: one that only asks Docebo leaves every table as it is, even if it is stopped. */
export type Purpose = 'publish' | 'ask';

interface InterruptOptions {
  readonly purpose: Purpose;
  readonly now?: () => number;
  /** What another signal does while the work is being stopped. */
  readonly onAgain: () => void;
}

/**
 * Gives `work` a signal that SIGINT, SIGTERM and SIGHUP abort. Other errors of an aborted run are reported as the interruption. A second signal some
 * time later does not wait for the tidying up. One that comes when the work is over changes nothing: all that is left is to say how it ended. So
 * signals are handled until the process is gone.
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

/** A run itself says what became of its tables and how to go on; anything else that was stopped has changed nothing. */
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
