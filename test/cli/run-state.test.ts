import {stripVTControlCharacters} from 'node:util';
import stringWidth from 'string-width';
import {describe, expect, it, vi} from 'vitest';
import {describeState, drawState, RunState} from '../../src/cli/progress/run-state.js';
import type {CallsSoFar, RunEvent} from '../../src/report.js';

/** As long in every time zone. */
vi.mock(import('../../src/format-duration.js'), async original => ({
  ...(await original()),
  formatMoment: ms => new Date(ms).toISOString().slice(11, 16),
}));

const startedMs = Date.parse('2026-01-01T10:00:00Z');
const nowMs = startedMs + 723_000;
const calls: CallsSoFar = {made: 612, left: 1941, seconds: 3600, hour: {used: 612, limit: 1000}};

function play(...events: readonly RunEvent[]): RunState {
  const state = new RunState(startedMs);
  for (const event of events) state.take(event, nowMs);
  return state;
}

function land(table: string, facts: Partial<Extract<RunEvent, {type: 'page_landed'}>>): RunEvent {
  return {type: 'page_landed', table, records: 0, expected: null, requests: 1, requestsExpected: 1, calls, ...facts};
}

const start = (table: string): RunEvent => ({type: 'table_started', table});
const started = ['users', 'courses', 'course_enrollments', 'learning_plan_course_enrollments'].map(start);
const underWay: readonly RunEvent[] = [
  ...started,
  {type: 'table_extracted', table: 'users', records: 20_000, requests: 100},
  land('courses', {records: 1200, expected: 2400, requests: 6, requestsExpected: 12}),
  land('course_enrollments', {records: 123_456, requests: 210, requestsExpected: 420}),
];

const draw = (state: RunState, columns: number, atMs = nowMs) =>
  drawState(state, atMs, columns).map(line => stripVTControlCharacters(line));

describe('how far a run has come', () => {
  it('is drawn in 120 columns', () => {
    expect(draw(play(...underWay), 120)).toEqual([
      'courses            ━━━━━━━━━━━━──────────── 1,200 of 2,400 records',
      'course_enrollments ━━━━━━━━━━━━──────────── 123,456 records, 210 of 420 calls',
      '1 of 4 tables read · 144,656 records · 612 of at least 2,553 calls · 388 left this hour · not read before 11:12',
      '12 min 3 s',
    ]);
  });

  it('is drawn in 80 columns, once every table has begun', () => {
    const long = land('learning_plan_course_enrollments', {records: 1, expected: 1, requestsExpected: 1});
    expect(draw(play(...underWay, long), 80)).toEqual([
      'courses                          ━━━━━━━────── 1,200 of 2,400 records',
      'course_enrollments               ━━━━━━━────── 123,456 records, 210 of 420 calls',
      'learning_plan_course_enrollments ━━━━━━━━━━━━━ 1 of 1 record',
      '1 of 4 tables read · 144,657 records · 612 of 2,553 calls · 388 left this hour',
      'read by about 11:12 · 12 min 3 s',
    ]);
  });

  it('is drawn in 60 columns, with what is waited for', () => {
    const long = land('learning_plan_course_enrollments', {records: 1, expected: 1, requestsExpected: 1});
    const reason = 'the calls of --max-requests-per-hour 1000 are used up';
    const state = play(...underWay, long, {type: 'waiting', reason, seconds: 192});
    expect(draw(state, 60, nowMs + 60_000)).toEqual([
      'courses                    1,200 of 2,400 records',
      'course_enrollments         123,456 records, 210 of 420 calls',
      'learning_plan_course_enro… 1 of 1 record',
      '1 of 4 tables read · 144,657 records · 612 of 2,553 calls',
      '388 left this hour · read by about 11:12 · 13 min 3 s',
      'waiting until 10:15 (2 min 12 s): the calls of',
      '  --max-requests-per-hour 1000 are used up',
    ]);
    expect(draw(state, 60, nowMs + 192_000).join('\n')).not.toContain('waiting');
  });

  it('never takes more columns than there are, whatever it is told', () => {
    const many = Array.from({length: 20}, (_, index) =>
      land(`日本${'x'.repeat(index * 4)}`, {records: 10 ** index, requestsExpected: 10 ** index}),
    );
    const retry: RunEvent = {type: 'retrying', request: `GET /${'y'.repeat(200)}`, attempt: 2, reason: '503'};
    const state = play(...started, ...many, retry);
    for (const columns of [20, 40, 60, 80, 120]) {
      const lines = draw(state, columns);
      for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      expect(lines).toContain('and 11 more tables');
    }
  });

  it('tells which table is being published until that is over, and then of what is read again', () => {
    const state = play(
      ...underWay,
      {type: 'waiting', reason: 'it is held', seconds: 60, waitsFor: 'destination'},
      {type: 'publishing', table: 'courses', done: 1, tables: 3},
    );
    const much = '144,656 records, 612 of at least 2,553 calls, 388 left this hour';
    expect(describeState(state, nowMs + 3_600_000).join(', ')).toBe(`publishing courses (2 of 3), ${much}, 1 h 12 min`);
    expect(draw(state, 80).join('\n')).not.toContain('waiting');
    state.take({type: 'table_started', table: 'courses'}, nowMs);
    expect(describeState(state, nowMs)[0]).toBe('1 of 4 tables read');
  });

  it('tells only what is waited for where no table is read', () => {
    expect(draw(play({type: 'waiting', reason: 'it is busy', seconds: 60}), 80)).toEqual([
      'waiting until 10:13 (1 min): it is busy',
    ]);
    expect(draw(play({type: 'publishing', table: 'users', done: 0, tables: 2}), 80)).toEqual([
      'publishing users (1 of 2)',
    ]);
  });

  it('says nothing of an hour without a limit, nor of an end that nobody can tell', () => {
    const event = land('users', {records: 200, expected: 400, calls: {made: 1, left: 1, seconds: null, hour: null}});
    const failed: RunEvent = {type: 'table_failed', table: 'courses', message: 'no'};
    expect(describeState(play(start('users'), start('courses'), event, failed), startedMs)).toEqual([
      '0 of 2 tables read',
      '1 failed',
      '200 records',
      '1 of 2 calls',
      '0 s',
    ]);
  });
});
