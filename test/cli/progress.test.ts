import {PassThrough} from 'node:stream';
import {stripVTControlCharacters} from 'node:util';
import {describe, expect, it} from 'vitest';
import {describeEvent} from '../../src/cli/progress/events.js';
import {openInteractiveProgress} from '../../src/cli/progress/interactive.js';
import {openLogProgress} from '../../src/cli/progress/log.js';
import {openJsonProgress} from '../../src/cli/progress/progress.js';
import {formatMoment} from '../../src/format-duration.js';

describe('progress', () => {
  it('says each event in one line', () => {
    expect(describeEvent({type: 'waiting', reason: 'rate limited', seconds: 125}, 0)).toBe(
      `waiting until ${formatMoment(125_000, 0)} (2 min 5 s): rate limited`,
    );
    expect(
      describeEvent(
        {
          type: 'waiting',
          reason: 'out.duckdb is held by another process (PID 7)',
          seconds: 20,
          waitsFor: 'destination',
        },
        0,
      ),
    ).toBe(`waiting at most until ${formatMoment(20_000, 0)} (20 s): out.duckdb is held by another process (PID 7)`);
    expect(describeEvent({type: 'retrying', request: 'GET /x', attempt: 2, reason: '503'}, 0)).toBe(
      'retrying GET /x (attempt 2): 503',
    );
  });

  it('as a log tells now and then how far the run has come', () => {
    let nowMs = 0;
    const stream = new PassThrough({encoding: 'utf8'});
    const {onEvent} = openLogProgress(stream, () => nowMs);
    onEvent({type: 'table_started', table: 'users'});
    for (const second of [1, 29, 30, 31, 60]) {
      nowMs = second * 1000;
      const calls = {made: second, left: 100 - second, seconds: null, hour: {used: second, limit: 1000}};
      const facts = {records: second * 200, expected: 20_000, requests: second, requestsExpected: 100, calls};
      onEvent({type: 'page_landed', table: 'users', ...facts});
    }
    onEvent({type: 'publishing', table: null, done: 0, tables: 1});
    onEvent({type: 'publishing', table: 'users', done: 0, tables: 1});
    expect(stream.read()).toBe(
      [
        '1970-01-01T00:00:00.000Z users: started',
        '1970-01-01T00:00:30.000Z 0 of 1 table read, 6,000 records, 30 of 100 calls, 970 left this hour, 30 s',
        '1970-01-01T00:01:00.000Z 0 of 1 table read, 12,000 records, 60 of 100 calls, 940 left this hour, 1 min',
        '1970-01-01T00:01:00.000Z publishing 1 table',
        '',
      ].join('\n'),
    );
  });

  it('as a log names once why tables failed, and then which others did', () => {
    const stream = new PassThrough({encoding: 'utf8'});
    const {onEvent, close} = openLogProgress(stream, () => 0);
    const fail = (table: string, isTold: boolean) =>
      onEvent({type: 'table_failed', table, message: `${table}: no`, ...(isTold && {isTold})});
    fail('courses', false);
    fail('sessions', true);
    fail('polls', true);
    onEvent({type: 'publishing', table: null, done: 0, tables: 1});
    fail('groups', true);
    close();
    expect(String(stream.read()).replaceAll('1970-01-01T00:00:00.000Z ', '')).toBe(
      [
        'courses: failed: courses: no',
        'failed for the same reason: sessions, polls',
        'publishing 1 table',
        'failed for the same reason: groups',
        '',
      ].join('\n'),
    );
  });

  it('on a terminal counts down until the next call', () => {
    let nowMs = 0;
    const stream = Object.assign(new PassThrough({encoding: 'utf8'}), {columns: 120, rows: 40});
    const shown = openInteractiveProgress(stream as unknown as NodeJS.WriteStream, () => nowMs);
    const draw = () => {
      shown.onEvent({type: 'debug', message: 'x'});
      return stripVTControlCharacters(String(stream.read()));
    };
    try {
      shown.onEvent({type: 'waiting', reason: 'the hour is used up', seconds: 192});
      expect(draw()).toContain('(3 min 12 s): the hour is used up');
      nowMs = 60_000;
      shown.onEvent({type: 'retrying', request: 'GET /x', attempt: 2, reason: '503'});
      expect(draw()).toContain('(2 min 12 s): the hour is used up');
      nowMs = 192_000;
      expect(draw()).not.toContain('waiting');
      shown.onEvent({type: 'retrying', request: 'GET /x', attempt: 3, reason: '503'});
      expect(draw()).toContain('retrying GET /x (attempt 3): 503');
    } finally {
      shown.close();
    }
  });

  it('as JSON is an object a line', () => {
    const stream = new PassThrough({encoding: 'utf8'});
    openJsonProgress(stream).onEvent({type: 'publishing', table: null, done: 0, tables: 2});
    expect(JSON.parse(stream.read())).toEqual({
      time: expect.any(String),
      type: 'publishing',
      table: null,
      done: 0,
      tables: 2,
    });
  });
});
