import {createLogUpdate} from 'log-update';
import {bold, cyan, dim, green, red, yellow} from 'yoctocolors';
import {formatDuration} from '../../format-duration.js';
import type {RunEvent} from '../../report.js';
import {formatCounted} from '../printing/format.js';
import {toLine} from '../printing/printable.js';
import {describeEvent, Failures, formatLanded, type Progress} from './events.js';

const frameMs = 100;
const barWidth = 24;
const nameWidth = 33;
const noteMs = 2000;

interface Running {
  readonly records: number;
  readonly expected: number | null;
}

/** Shown beside the summary for a while; a wait is counted down in it. */
interface Note {
  readonly until: number;
  readonly text: (leftMs: number) => string;
}

/** A live picture: finished tables scroll by, running ones are redrawn below them. */
export function openInteractiveProgress(stream: NodeJS.WriteStream, now: () => number = Date.now): Progress {
  const screen = createLogUpdate(stream);
  const running = new Map<string, Running>();
  const startedAt = now();
  const failures = new Failures();
  let done = 0;
  let failed = 0;
  let waitsUntil = 0;
  let note: Note = {until: 0, text: () => ''};

  const draw = () => {
    const landing = [...running].filter(([, {records}]) => records > 0);
    const elapsed = formatDuration((now() - startedAt) / 1000);
    const told = now() < note.until ? ` · ${yellow(note.text(note.until - now()))}` : '';
    const summary = dim(`${done} of ${formatCounted(done + failed + running.size, 'table')} read, ${elapsed}`);
    screen([...landing.map(([table, state]) => drawTable(table, state)), `${summary}${told}`].join('\n'));
  };
  const timer = setInterval(draw, frameMs);

  const keep = (line: string) => {
    screen.clear();
    stream.write(`${line}\n`);
    draw();
  };

  const onEvent = (event: RunEvent) => {
    if (event.type !== 'table_failed') for (const line of failures.flush()) keep(`${red('✗')} ${line}`);
    switch (event.type) {
      case 'table_started':
        running.set(event.table, {records: 0, expected: null});
        break;
      case 'page_landed':
        running.set(event.table, {records: event.records, expected: event.expected});
        break;
      case 'table_extracted':
        running.delete(event.table);
        done += 1;
        keep(`${green('✓')} ${describeEvent(event, now())}`);
        break;
      case 'table_failed':
        running.delete(event.table);
        failed += 1;
        for (const line of failures.tell(event, now())) keep(`${red('✗')} ${line}`);
        break;
      case 'note':
        keep(yellow(event.message));
        break;
      case 'debug':
        keep(dim(describeEvent(event, now())));
        break;
      case 'waiting':
        waitsUntil = now() + event.seconds * 1000;
        note = {
          until: waitsUntil,
          text: leftMs => describeEvent({...event, seconds: leftMs / 1000}, now()),
        };
        break;
      case 'retrying':
      case 'publishing':
        // A countdown tells more than what is tried again meanwhile.
        if (now() >= waitsUntil) note = {until: now() + noteMs, text: () => describeEvent(event, now())};
    }
  };

  return {
    onEvent,
    close: () => {
      clearInterval(timer);
      for (const line of failures.flush()) keep(`${red('✗')} ${line}`);
      screen.clear();
      screen.done();
    },
  };
}

function drawTable(table: string, {records, expected}: Running): string {
  return `  ${bold(toLine(table).padEnd(nameWidth))} ${cyan(drawBar(records, expected))} ${formatLanded(records, expected)}`;
}

function drawBar(records: number, expected: number | null): string {
  if (expected === null) return '·'.repeat(barWidth);
  const share = expected === 0 ? 1 : Math.min(1, records / expected);
  const full = Math.round(share * barWidth);
  return '━'.repeat(full) + '─'.repeat(barWidth - full);
}
