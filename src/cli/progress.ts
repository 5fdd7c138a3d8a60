import type {OnEvent} from '../report.js';

export interface Progress {
  readonly onEvent: OnEvent;
  /** Leaves the terminal as it should stay. */
  close(): void;
}

export interface ProgressOptions {
  readonly progress?: 'interactive' | 'log' | 'json' | undefined;
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

async function openMode(mode: 'interactive' | 'log' | 'json'): Promise<Progress> {
  if (mode === 'json') return (await import('./progress-json.js')).openJsonProgress(process.stderr);
  if (mode === 'log') return (await import('./progress-log.js')).openLogProgress(process.stderr);
  return (await import('./progress-interactive.js')).openInteractiveProgress(process.stderr);
}
