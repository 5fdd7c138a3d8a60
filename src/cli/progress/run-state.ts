import {bold, cyan, dim, yellow} from 'yoctocolors';
import {formatDuration, formatMoment} from '../../format-duration.js';
import {toLine} from '../../printable.js';
import type {CallsSoFar, RunEvent} from '../../report.js';
import {formatCount, formatCounted} from '../printing/counts.js';
import {padTo, shorten, wrap} from '../printing/format.js';
import {describeEvent} from './events.js';

type Landed = Extract<RunEvent, {type: 'page_landed'}>;
type Publishing = Extract<RunEvent, {type: 'publishing'}>;
type Passing = Extract<RunEvent, {type: 'waiting' | 'retrying'}>;

interface TableState {
  readonly phase: 'running' | 'read' | 'failed';
  readonly records: number;
  /** The event of its last page. */
  readonly landed?: Landed;
}

/** What is known of a run from its events. */
export class RunState {
  readonly startedMs: number;
  readonly tables = new Map<string, TableState>();
  calls: (CallsSoFar & {readonly atMs: number}) | undefined;
  /** Undefined while tables are read. */
  publishing: Publishing | undefined;
  /** A wait until it is over, or a retry for a moment. */
  passing: {readonly event: Passing; readonly untilMs: number} | undefined;

  constructor(startedMs: number) {
    this.startedMs = startedMs;
  }

  take(event: RunEvent, nowMs: number): void {
    switch (event.type) {
      case 'table_started':
        this.publishing = undefined;
        this.tables.set(event.table, {phase: 'running', records: 0});
        break;
      case 'page_landed':
        this.tables.set(event.table, {phase: 'running', records: event.records, landed: event});
        this.#endWaitOf(event.table);
        this.calls = {...event.calls, atMs: nowMs};
        break;
      case 'table_extracted':
        this.tables.set(event.table, {phase: 'read', records: event.records});
        break;
      case 'table_failed':
        this.tables.set(event.table, {phase: 'failed', records: 0});
        this.#endWaitOf(event.table);
        break;
      case 'table_absent':
        this.tables.delete(event.table);
        break;
      case 'publishing':
        this.publishing = event;
        this.passing = undefined;
        break;
      case 'waiting':
        this.passing = {event, untilMs: nowMs + event.seconds * 1000};
        break;
      case 'retrying':
        // The end of a wait matters more than what is tried again after it.
        if (this.passing === undefined || nowMs >= this.passing.untilMs)
          this.passing = {event, untilMs: nowMs + retryShownMs};
    }
  }

  /** What a table waited for is there when its first page is, however long it might have taken. */
  #endWaitOf(table: string): void {
    if (this.passing?.event.type === 'waiting' && this.passing.event.table === table) this.passing = undefined;
  }

  count(phase: TableState['phase']): number {
    return [...this.tables.values()].filter(table => table.phase === phase).length;
  }
}

const retryShownMs = 2000;

/** The progress of a run as a list of facts: what an operator wants to know of one that takes hours. */
export function describeState(state: RunState, nowMs: number): readonly string[] {
  const {publishing, calls, tables, startedMs} = state;
  const failed = state.count('failed');
  // A command that only asks, or that loads what was read before, has none.
  if (tables.size === 0) return publishing === undefined ? [] : [describePublishing(publishing)];
  const records = [...tables.values()].reduce((sum, table) => sum + table.records, 0);
  return [
    publishing === undefined
      ? `${state.count('read')} of ${formatCounted(tables.size, 'table')} read`
      : describePublishing(publishing),
    ...(failed > 0 ? [`${failed} failed`] : []),
    formatCounted(records, 'record'),
    ...(calls === undefined ? [] : describeCalls(state, calls, nowMs)),
    formatDuration(Math.floor((nowMs - startedMs) / 1000)),
  ];
}

function describePublishing({table, done, tables}: Publishing): string {
  return table === null
    ? `publishing ${formatCounted(tables, 'table')}`
    : `publishing ${toLine(table)} (${done + 1} of ${tables})`;
}

function describeCalls(
  {tables, publishing}: RunState,
  {made, left, hour, seconds, atMs}: CallsSoFar & {readonly atMs: number},
  nowMs: number,
): readonly string[] {
  // Nobody knows how many calls a table takes before its first page, and that may have to wait for its parents.
  const isKnown = [...tables.values()].every(({phase, landed}) => phase !== 'running' || landed !== undefined);
  const used = `${formatCount(made)} of ${isKnown ? '' : 'at least '}${formatCounted(made + left, 'call')}`;
  const free = hour === null ? [] : [`${formatCount(Math.max(0, hour.limit - hour.used))} left this hour`];
  if (seconds === null || publishing !== undefined) return [used, ...free];
  const end = formatMoment(Math.max(nowMs, atMs + seconds * 1000), nowMs);
  return [used, ...free, isKnown ? `read by about ${end}` : `not read before ${end}`];
}

/** What is waited for or tried again just now. */
function describePassing({passing}: RunState, nowMs: number): string | undefined {
  if (passing === undefined || nowMs >= passing.untilMs) return undefined;
  const {event, untilMs} = passing;
  return describeEvent(event.type === 'waiting' ? {...event, seconds: (untilMs - nowMs) / 1000} : event, nowMs);
}

const [mostBar, leastBar, leastName, mostLines] = [24, 6, 12, 10];

/** The tables that are being read and, below them, the progress of the run, in lines that are at most `columns` wide. */
export function drawState(state: RunState, nowMs: number, columns: number): readonly string[] {
  const landing = [...state.tables].flatMap(([name, {phase, landed}]) =>
    phase === 'running' && landed !== undefined ? [{name: toLine(name), landed, facts: describeLanded(landed)}] : [],
  );
  const shown = landing.length > mostLines ? landing.slice(0, mostLines - 1) : landing;
  const factsWidth = Math.max(0, ...shown.map(({facts}) => facts.length));
  const longest = Math.max(0, ...shown.map(({name}) => name.length));
  const nameWidth = Math.max(leastName, Math.min(longest, columns - factsWidth - 1));
  const room = Math.min(mostBar, columns - nameWidth - factsWidth - 2);
  const lines = shown.map(({name, landed, facts}) => {
    const bar = room < leastBar ? '' : `${cyan(drawBar(landed, room))} `;
    return `${bold(padTo(shorten(name, nameWidth), nameWidth))} ${bar}${shorten(facts, columns - nameWidth - 1)}`;
  });
  const more = landing.length - shown.length;
  const passing = describePassing(state, nowMs);
  return [
    ...lines,
    ...(more > 0 ? [dim(`and ${more} more tables`)] : []),
    ...flow(describeState(state, nowMs), columns).map(line => dim(line)),
    ...(passing === undefined
      ? []
      : wrap(passing, columns, '  ')
          .split('\n')
          .map(line => yellow(line))),
  ];
}

/** For a table with a list per parent the number of calls is known beforehand, that of records is not. */
function describeLanded({records, expected, requests, requestsExpected}: Landed): string {
  if (expected !== null) return `${formatCount(records)} of ${formatCounted(expected, 'record')}`;
  const calls =
    requests <= requestsExpected ? `, ${formatCount(requests)} of ${formatCounted(requestsExpected, 'call')}` : '';
  return `${formatCounted(records, 'record')}${calls}`;
}

function drawBar({records, expected, requests, requestsExpected}: Landed, width: number): string {
  const share = expected === null ? requests / Math.max(1, requestsExpected) : records / Math.max(1, expected);
  const full = Math.round(Math.min(1, share) * width);
  return '━'.repeat(full) + '─'.repeat(width - full);
}

/** Facts side by side, as many in a line as fit. */
function flow(facts: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const longer = `${lines.at(-1)} · ${fact}`;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(shorten(fact, columns));
  }
  return lines;
}
