import {formatDuration, formatMoment} from '../../format-duration.js';
import {toLine} from '../../printable.js';
import type {OnEvent, RunEvent} from '../../report.js';
import {formatCounted} from '../printing/counts.js';

/** How a run is shown. */
export interface Progress {
  readonly onEvent: OnEvent;
  /** Leaves the terminal as it should stay. */
  close(): void;
}

/** One event in one line, whatever Docebo put into it. `nowMs`: when it came, from which the end of a wait follows. */
export function describeEvent(event: RunEvent, nowMs: number): string {
  return toLine(describe(event, nowMs));
}

function describe(event: RunEvent, nowMs: number): string {
  switch (event.type) {
    case 'table_started':
      return `${event.table}: started`;
    case 'page_landed':
      return `${event.table}: ${formatCounted(event.records, 'record')}`;
    case 'table_extracted':
      return `${event.table}: ${formatCounted(event.records, 'record')} in ${formatCounted(event.requests, 'request')}`;
    case 'table_failed':
      return `${event.table}: failed: ${event.message}`;
    case 'table_absent':
      return `${event.table}: absent: ${event.message}`;
    case 'table_postponed':
      return `${event.table}: refused, and will be asked for again once the other tables are read: ${event.message}`;
    case 'publishing':
      return `publishing ${event.table ?? formatCounted(event.tables, 'table')}`;
    case 'waiting':
      return describeWait(event, nowMs);
    case 'retrying':
      return `retrying ${event.request} (attempt ${event.attempt}): ${event.reason}`;
    case 'note':
    case 'debug':
      return event.message;
  }
}

type Waiting = Extract<RunEvent, {type: 'waiting'}>;

/** `waiting until 14:05 CET (3 min 12 s): …`. */
function describeWait({seconds, reason, waitsFor}: Waiting, nowMs: number): string {
  const until = formatMoment(nowMs + seconds * 1000, nowMs);
  const atMost = waitsFor === undefined ? '' : 'at most ';
  return `waiting ${atMost}until ${until} (${formatDuration(Math.ceil(seconds))}): ${reason}`;
}

type Failed = Extract<RunEvent, {type: 'table_failed'}>;

/** Tables that fail at one moment for one reason get one line with the reason and one that names all the others. */
export class Failures {
  #others: string[] = [];

  /** The lines that can be shown now. */
  tell(event: Failed, nowMs: number): readonly string[] {
    if (event.isTold === true) {
      this.#others.push(event.table);
      return [];
    }
    return [...this.flush(), describeEvent(event, nowMs)];
  }

  /** The line that was held back for more tables to come, if there is one. */
  flush(): readonly string[] {
    const others = this.#others.splice(0);
    return others.length === 0 ? [] : [toLine(`failed for the same reason: ${others.join(', ')}`)];
  }
}
