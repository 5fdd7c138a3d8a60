import {describe, expect, it} from 'vitest';
import {formatPlan, refuseLate} from '../../src/cli/printing/print-plan.js';
import {IncompleteError} from '../../src/errors.js';
import type {Plan} from '../../src/plan.js';

const plan: Plan = {
  tables: [
    {table: 'groups', route: '/groups', rows: 1200, requests: 6, certainty: 'exact', note: null},
    {table: 'members', route: '/members', rows: null, requests: 1180, certainty: 'estimate', note: 'One for each.'},
    {table: 'answers', route: null, rows: null, requests: 0, certainty: 'at least', note: null},
  ],
  requests: 1186,
  certainty: 'at least',
  tokenRequests: 2,
  planRequests: 1,
  minutes: 75.2,
  ratePerHour: 1000,
};

describe('the plan', () => {
  it('is a table, its notes and a sentence', () => {
    expect(formatPlan(plan, 8)).toBe(
      [
        'table    route      rows     requests',
        'groups   /groups   1,200            6',
        'members  /members      ?  about 1,180',
        'answers  none          ?      unknown',
        '',
        'members: One for each.',
        '',
        '3 tables: at least 1,186 requests and 2 token requests, at least 1 h 16 min at 1,000 requests an hour. The plan itself took 1 request.',
        '',
      ].join('\n'),
    );
  });

  it('says at what pace it is guessed, and nothing about time that it does not know', () => {
    const exact: Plan = {...plan, tables: plan.tables.slice(0, 1), requests: 6, certainty: 'exact', ratePerHour: null};
    expect(formatPlan({...exact, minutes: 0.2}, 8)).toContain(
      '\n1 table: 6 requests and 2 token requests, about 12 s at 8 requests in flight. ',
    );
    expect(formatPlan({...exact, minutes: null}, 8)).toContain('\n1 table: 6 requests and 2 token requests. ');
  });

  it('that does not fit the deadline says what to do', () => {
    const failure = () => refuseLate(plan, 30 * 60_000);
    expect(failure).toThrow(IncompleteError);
    expect(failure).toThrow(
      'The run needs at least 1,186 requests, which take at least 1 h 16 min; --deadline allows 30 min.',
    );
    expect(failure).toThrow(
      expect.objectContaining({
        hint: 'Allow more time, raise --max-requests-per-hour, or leave out what costs most: members and groups.',
      }),
    );
    expect(() => refuseLate(plan, 80 * 60_000)).not.toThrow();
    expect(() => refuseLate({...plan, minutes: null}, 1000)).not.toThrow();
  });
});
