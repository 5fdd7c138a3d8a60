import {PassThrough} from 'node:stream';
import {describe, expect, it} from 'vitest';
import {describeEvent} from '../../src/cli/describe-event.js';
import {openJsonProgress} from '../../src/cli/progress-json.js';
import {openLogProgress} from '../../src/cli/progress-log.js';

describe('progress', () => {
  it('says each event in one line', () => {
    expect(describeEvent({type: 'page_landed', table: 'users', records: 1200, expected: 3000})).toBe(
      'users: 1,200 of 3,000 records',
    );
    expect(describeEvent({type: 'page_landed', table: 'users', records: 1, expected: null})).toBe('users: 1 record');
    expect(describeEvent({type: 'waiting', reason: 'rate limited', seconds: 125})).toBe(
      'waiting 2 minutes 5 seconds: rate limited',
    );
    expect(describeEvent({type: 'retrying', request: 'GET /x', attempt: 2, reason: '503'})).toBe(
      'retrying GET /x (attempt 2): 503',
    );
  });

  it('as a log tells of pages every few seconds only', () => {
    let nowMs = 0;
    const stream = new PassThrough({encoding: 'utf8'});
    const {onEvent} = openLogProgress(stream, () => nowMs);
    onEvent({type: 'table_started', table: 'users'});
    for (const second of [1, 2, 5, 6, 11]) {
      nowMs = second * 1000;
      onEvent({type: 'page_landed', table: 'users', records: second * 200, expected: null});
    }
    expect(stream.read()).toBe(
      [
        '1970-01-01T00:00:00.000Z users: started',
        '1970-01-01T00:00:05.000Z users: 1,000 records',
        '1970-01-01T00:00:11.000Z users: 2,200 records',
        '',
      ].join('\n'),
    );
  });

  it('as JSON is an object a line', () => {
    const stream = new PassThrough({encoding: 'utf8'});
    openJsonProgress(stream).onEvent({type: 'publishing', tables: 2});
    expect(JSON.parse(stream.read())).toEqual({time: expect.any(String), type: 'publishing', tables: 2});
  });
});
