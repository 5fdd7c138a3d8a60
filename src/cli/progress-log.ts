import {describeEvent} from './describe-event.js';
import type {Progress} from './progress.js';

const pageIntervalMs = 5000;

/** A line an event, for logs. A table's pages are told every few seconds, not one by one. */
export function openLogProgress(stream: NodeJS.WritableStream, now: () => number = Date.now): Progress {
  const toldAt = new Map<string, number>();
  return {
    onEvent: event => {
      if (event.type === 'table_started') toldAt.set(event.table, now());
      if (event.type === 'page_landed') {
        if (now() - (toldAt.get(event.table) ?? 0) < pageIntervalMs) return;
        toldAt.set(event.table, now());
      }
      stream.write(`${new Date(now()).toISOString()} ${describeEvent(event)}\n`);
    },
    close: () => {},
  };
}
