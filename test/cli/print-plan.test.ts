import {describe, expect, it} from 'vitest';
import {formatPlan, refuseLate} from '../../src/cli/printing/print-plan.js';
import {IncompleteError} from '../../src/errors.js';
import {formatMoment} from '../../src/format-duration.js';
import type {Plan} from '../../src/plan.js';

const plan: Plan = {
  tables: [
    {
      area: 'people',
      table: 'groups',
      route: '/groups',
      strategy: 'replace',
      rows: 1200,
      requests: 6,
      certainty: 'exact',
      note: null,
    },
    {
      area: 'people',
      table: 'members',
      route: '/members',
      strategy: 'replace',
      rows: null,
      requests: 1180,
      certainty: 'estimate',
      note: 'One for each.',
    },
    {
      area: 'people',
      table: 'answers',
      route: null,
      strategy: 'replace',
      rows: null,
      requests: 0,
      certainty: 'at least',
      note: null,
    },
  ],
  requests: 1186,
  certainty: 'at least',
  tokenRequests: 2,
  planRequests: 1,
  minutes: 75.2,
  ratePerHour: 1000,
  hour: null,
  unasked: null,
};

const inOneLine = (text: string) => text.replaceAll('\n', ' ');

describe('the plan', () => {
  it('is a table, its notes and a sentence', () => {
    expect(formatPlan(plan, 8)).toBe(
      [
        'table    route      rows     requests',
        'people:',
        'groups   /groups   1,200            6',
        'members  /members      ?  about 1,180',
        'answers  none          ?      unknown',
        '',
        'members: One for each.',
        '',
        '3 tables: at least 1,186 requests and 2 token requests, at least 1 h 16 min at',
        '1,000 requests an hour. The plan itself took 1 request.',
        '',
      ].join('\n'),
    );
  });

  it('says at what pace it is guessed, and nothing about time that it does not know', () => {
    const exact: Plan = {...plan, tables: plan.tables.slice(0, 1), requests: 6, certainty: 'exact', ratePerHour: null};
    expect(inOneLine(formatPlan({...exact, minutes: 0.2}, 8))).toContain(
      ' 1 table: 6 requests and 2 token requests, about 12 s at 8 requests in flight. ',
    );
    expect(inOneLine(formatPlan({...exact, minutes: null}, 8))).toContain(
      ' 1 table: 6 requests and 2 token requests. ',
    );
  });

  it('says how much of the hour is used, when it is free, and what could not be asked for', () => {
    const nowMs = Date.parse('2026-01-01T10:00:00Z');
    const [next, all] = ['2026-01-01T10:20:00.000Z', '2026-01-01T10:59:30.000Z'];
    const moment = (text: string) => formatMoment(Date.parse(text), nowMs);
    const hour = {limit: 1000, used: 1000, nextCallAt: next, freeAt: all};
    const unasked = {tables: ['answers'], reason: 'No call may be made before then.'};
    expect(inOneLine(formatPlan({...plan, hour, unasked}, 8, nowMs))).toContain(
      [
        'The plan itself took 1 request.',
        `1,000 of the 1,000 calls an hour of --max-requests-per-hour are used; the next is free at ${moment(next)}, all are free at ${moment(all)}.`,
        'Not asked for: answers. No call may be made before then.',
      ].join(' '),
    );
    expect(inOneLine(formatPlan({...plan, hour: {...hour, used: 12, nextCallAt: null}}, 8, nowMs))).toContain(
      `12 of the 1,000 calls an hour of --max-requests-per-hour are used; all are free at ${moment(all)}.`,
    );
  });

  it('says once why tables are read whole although a merge was asked for', () => {
    const reason = 'It has no key.';
    const tables = plan.tables.map(table => ({...table, ...(table.route !== null && {reason})}));
    expect(inOneLine(formatPlan({...plan, tables}, 8))).toContain(' Read whole (It has no key): groups, members. ');
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
