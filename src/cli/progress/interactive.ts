import {createLogUpdate} from 'log-update';
import {dim, green, red, yellow} from 'yoctocolors';
import type {RunEvent} from '../../report.js';
import {widthOf, wrap} from '../printing/format.js';
import {describeEvent, Failures, type Progress} from './events.js';
import {drawState, RunState} from './run-state.js';

const frameMs = 100;

/** A live display: what has ended scrolls by, and the progress of the run is redrawn below it. */
export function openInteractiveProgress(stream: NodeJS.WriteStream, now: () => number = Date.now): Progress {
  const screen = createLogUpdate(stream);
  const state = new RunState(now());
  const failures = new Failures();

  const columns = () => widthOf(stream, Number.POSITIVE_INFINITY);
  const draw = () => screen(drawState(state, now(), columns()).join('\n'));
  const timer = setInterval(draw, frameMs);

  const keep = (line: string) => {
    screen.clear();
    stream.write(`${wrap(line, columns(), '  ')}\n`);
    draw();
  };
  const keepFailures = (lines: readonly string[]) => {
    for (const line of lines) keep(`${red('✗')} ${line}`);
  };

  const onEvent = (event: RunEvent) => {
    state.take(event, now());
    if (event.type === 'table_failed') return keepFailures(failures.tell(event, now()));
    keepFailures(failures.flush());
    const line = describeEvent(event, now());
    if (event.type === 'table_extracted') keep(`${green('✓')} ${line}`);
    if (event.type === 'note' || event.type === 'table_postponed') keep(yellow(line));
    if (event.type === 'debug') keep(dim(line));
  };

  return {
    onEvent,
    close: () => {
      clearInterval(timer);
      keepFailures(failures.flush());
      screen.clear();
      screen.done();
    },
  };
}
