import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {text} from 'node:stream/consumers';
import type {RunEvent} from '../../src/report.js';
import {main} from '../cli/run-cli.js';

export interface Ended {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  /** Without the events of --progress json but for the error that ended it. */
  readonly stderr: string;
}

export interface RunningCommand {
  /** What --progress json has told so far. */
  readonly events: readonly RunEvent[];
  kill(signal: NodeJS.Signals): void;
  /** Once it is over, whatever ended it. */
  readonly ended: Promise<Ended>;
}

/**
 * Starts the built command, to be struck while it runs. `onEvent` hears of its progress at once. `fileLimitKb`: the shell's file size
 * limit stands in for a full disk, since writes past it fail in the same place.
 */
export function startCommand(
  args: readonly string[],
  onEvent: (event: RunEvent) => void = () => {},
  fileLimitKb?: number,
): RunningCommand {
  const limit = fileLimitKb === undefined ? '' : `ulimit -f ${fileLimitKb}; `;
  const child = spawn('bash', ['-c', `${limit}exec "$@"`, 'bash', process.execPath, main, ...args], {
    env: {PATH: process.env['PATH'] ?? '', NO_COLOR: '1'},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: RunEvent[] = [];
  const said: string[] = [];
  const lines = createInterface({input: child.stderr});
  lines.on('line', line => {
    const event = readEvent(line);
    if (event === undefined) {
      said.push(line);
      return;
    }
    if (event.type === 'ended') {
      if (event.error !== undefined) said.push(`docebo-ingest: ${event.error.message} ${event.error.hint ?? ''}`);
      return;
    }
    events.push(event);
    onEvent(event);
  });
  const read = Promise.all([once(child, 'close'), text(child.stdout), once(lines, 'close')]);
  return {
    events,
    kill: signal => void child.kill(signal),
    ended: read.then(([, stdout]) => ({exitCode: child.exitCode, stdout, stderr: said.join('\n')})),
  };
}

/** What `--progress json` tells last. */
interface EndEvent {
  readonly type: 'ended';
  readonly error?: {readonly message: string; readonly hint?: string};
}

/** Undefined for other lines, and for one that was cut short when the process was killed. */
function readEvent(line: string): RunEvent | EndEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
