import {describe, expect, test} from 'vitest';
import {leastCertain, type Pace, sumPlan, type TablePlan} from '../src/plan.js';

const pace: Pace = {
  planRequests: 2,
  planTokenRequests: 1,
  latencyMs: 300,
  parallelism: 8,
  ratePerHour: null,
  hour: null,
  msUntil: () => 0,
};

function table(requests: number, certainty: TablePlan['certainty'] = 'exact'): TablePlan {
  return {
    table: 'users',
    area: 'people',
    route: '/users',
    strategy: 'replace',
    rows: null,
    requests,
    certainty,
    note: null,
  };
}

describe('the sum of a plan', () => {
  test('adds calls up and is as certain as its least certain table', () => {
    expect(sumPlan([table(3), table(40, 'estimate')], pace)).toMatchObject({requests: 43, certainty: 'estimate'});
    expect(leastCertain(['exact', 'estimate', 'at least', 'exact'])).toBe('at least');
    expect(leastCertain([])).toBe('exact');
  });

  test('takes as long as the calls take, so many at a time', () => {
    expect(sumPlan([table(800)], pace).minutes).toBe((800 * 300) / 8 / 60_000);
  });

  test('takes as long as the hourly limit makes it, if that is longer', () => {
    const limited = {...pace, ratePerHour: 600, msUntil: (calls: number) => calls * 6000};
    expect(sumPlan([table(800)], limited)).toMatchObject({minutes: 80, ratePerHour: 600});
    expect(sumPlan([table(800)], {...limited, latencyMs: 96_000}).minutes).toBe(160);
  });

  test('knows no time if nothing was asked', () => {
    expect(sumPlan([table(0)], {...pace, latencyMs: null}).minutes).toBeNull();
  });

  test('renews the token every hour, unless it was given', () => {
    const slow = {...pace, ratePerHour: 100, msUntil: (calls: number) => calls * 36_000};
    expect(sumPlan([table(1)], slow).tokenRequests).toBe(1);
    expect(sumPlan([table(250)], slow).tokenRequests).toBe(3);
    expect(sumPlan([table(250)], {...slow, planTokenRequests: 0}).tokenRequests).toBe(0);
  });
});
