import type {RunEvent} from '../../report.js';
import {describeEvent, Failures, type Progress} from './events.js';

const pageIntervalMs = 5000;

/** A line an event, for logs. A table's pages are told every few seconds, not one by one. */
export function openLogProgress(stream: NodeJS.WritableStream, now: () => number = Date.now): Progress {
  const toldAt = new Map<string, number>();
  const failures = new Failures();
  const isTooSoon = (event: RunEvent) => {
    if (event.type === 'table_started') toldAt.set(event.table, now());
    if (event.type !== 'page_landed') return false;
    if (now() - (toldAt.get(event.table) ?? 0) < pageIntervalMs) return true;
    toldAt.set(event.table, now());
    return false;
  };
  const write = (lines: readonly string[]) => {
    for (const line of lines) stream.write(`${new Date(now()).toISOString()} ${line}\n`);
  };
  return {
    onEvent: event => {
      if (isTooSoon(event)) return;
      write(
        event.type === 'table_failed'
          ? failures.tell(event, now())
          : [...failures.flush(), describeEvent(event, now())],
      );
    },
    close: () => write(failures.flush()),
  };
}
