import type {RunEvent} from '../../report.js';
import {describeEvent, Failures, type Progress} from './events.js';
import {describeState, RunState} from './run-state.js';

const statusIntervalMs = 30_000;

/** A line per event, for logs. The progress of the run is logged now and then, not page by page. */
export function openLogProgress(stream: NodeJS.WritableStream, now: () => number = Date.now): Progress {
  const state = new RunState(now());
  const failures = new Failures();
  let toldAtMs = now();
  const describe = (event: RunEvent): readonly string[] => {
    if (event.type === 'table_failed') return failures.tell(event, now());
    const isStep = event.type === 'page_landed' || (event.type === 'publishing' && event.table !== null);
    if (!isStep) return [...failures.flush(), describeEvent(event, now())];
    if (now() - toldAtMs < statusIntervalMs) return [];
    toldAtMs = now();
    return [...failures.flush(), describeState(state, now()).join(', ')];
  };
  const write = (lines: readonly string[]) => {
    for (const line of lines) stream.write(`${new Date(now()).toISOString()} ${line}\n`);
  };
  return {
    onEvent: event => {
      state.take(event, now());
      write(describe(event));
    },
    close: () => write(failures.flush()),
  };
}
