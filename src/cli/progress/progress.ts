import {toJson} from '../../printable.js';
import type {Mode} from '../printing/print.js';
import type {Progress} from './events.js';

export interface ProgressOptions {
  readonly progress?: Mode | undefined;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** Shows a run on stderr in the mode asked for. */
export async function openProgress({progress, quiet, debug}: ProgressOptions): Promise<Progress> {
  if (quiet) return {onEvent: () => {}, close: () => {}};
  const shown = await openMode(progress ?? (process.stderr.isTTY ? 'interactive' : 'log'));
  return {
    close: shown.close,
    onEvent: event => {
      if (debug || event.type !== 'debug') shown.onEvent(event);
    },
  };
}

async function openMode(mode: Mode): Promise<Progress> {
  if (mode === 'json') return openJsonProgress(process.stderr);
  if (mode === 'log') return (await import('./log.js')).openLogProgress(process.stderr);
  return (await import('./interactive.js')).openInteractiveProgress(process.stderr);
}

/** Every event as a line of JSON, for programs that watch. */
export function openJsonProgress(stream: NodeJS.WritableStream): Progress {
  return {
    onEvent: event => {
      stream.write(`${toJson({time: new Date().toISOString(), ...event})}\n`);
    },
    close: () => {},
  };
}
