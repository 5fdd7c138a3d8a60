import {describe, expect, test} from 'vitest';
import {IncompleteError} from '../../src/errors.js';
import {refuseMissing, visitParallel} from '../../src/source/lists/parallel.js';

const items = Array.from({length: 20}, (_, index) => index);
const fail = async (item: number) => {
  if (item >= 2) throw new Error(`no ${item}`);
};

describe('items', () => {
  test('that were not visited are told with those that failed', async () => {
    const visits = await visitParallel(items, 2, fail, () => true);
    expect(visits.failures.length + visits.left.length).toBe(18);
    const refuse = () =>
      refuseMissing(
        visits,
        failed => `${failed} of 20 items`,
        item => `GET /${item}`,
      );
    expect(refuse).toThrow(IncompleteError);
    expect(refuse).toThrow(/^\d of 20 items could not be read: no 2 1\d more were not asked for\.$/);
    expect(refuse).toThrow(
      expect.objectContaining({missing: expect.arrayContaining(items.slice(2).map(item => `GET /${item}`))}),
    );
  });

  test('are visited until there are enough', async () => {
    const visited: number[] = [];
    const visit = async (item: number) => void visited.push(item);
    const visits = await visitParallel(
      items,
      1,
      visit,
      () => true,
      () => visited.length === 5,
    );
    expect({visited, left: visits.left}).toEqual({visited: items.slice(0, 5), left: items.slice(5)});
    expect(() => refuseMissing(visits, String, String)).not.toThrow();
  });

  test('are visited no more once one failed by more than its own fault', async () => {
    await expect(visitParallel(items, 2, fail, () => false)).rejects.toThrow('no 2');
  });
});
