import {createLogUpdate} from 'log-update';
import {bold, cyan, dim, green, red, yellow} from 'yoctocolors';
import type {RunEvent} from '../report.js';
import {describeEvent, formatLanded} from './describe-event.js';
import {formatCounted, formatSeconds} from './format.js';
import type {Progress} from './progress.js';

const frameMs = 100;
const barWidth = 24;
const nameWidth = 33;

interface Running {
  readonly records: number;
  readonly expected: number | null;
}

/** A live picture: finished tables scroll by, running ones are redrawn below them. */
export function openInteractiveProgress(stream: NodeJS.WriteStream): Progress {
  const screen = createLogUpdate(stream);
  const running = new Map<string, Running>();
  const startedAt = Date.now();
  let done = 0;
  let failed = 0;
  let note = {text: '', until: 0};

  const draw = () => {
    const landing = [...running].filter(([, {records}]) => records > 0);
    const elapsed = formatSeconds((Date.now() - startedAt) / 1000);
    const told = Date.now() < note.until ? ` · ${note.text}` : '';
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
        keep(`${green('✓')} ${describeEvent(event)}`);
        break;
      case 'table_failed':
        running.delete(event.table);
        failed += 1;
        keep(`${red('✗')} ${describeEvent(event)}`);
        break;
      case 'debug':
        keep(dim(event.message));
        break;
      case 'retrying':
      case 'waiting':
      case 'publishing':
        note = {text: yellow(describeEvent(event)), until: Date.now() + noteMs(event)};
    }
  };

  return {
    onEvent,
    close: () => {
      clearInterval(timer);
      screen.clear();
      screen.done();
    },
  };
}

/** A wait is shown for as long as it lasts, anything else for a moment. */
function noteMs(event: RunEvent): number {
  return event.type === 'waiting' ? event.seconds * 1000 : 2000;
}

function drawTable(table: string, {records, expected}: Running): string {
  return `  ${bold(table.padEnd(nameWidth))} ${cyan(drawBar(records, expected))} ${formatLanded(records, expected)}`;
}

function drawBar(records: number, expected: number | null): string {
  if (expected === null) return '·'.repeat(barWidth);
  const share = expected === 0 ? 1 : Math.min(1, records / expected);
  const full = Math.round(share * barWidth);
  return '━'.repeat(full) + '─'.repeat(barWidth - full);
}
