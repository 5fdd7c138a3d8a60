import {describe, expect, test} from 'vitest';
import {IncompleteError, ResponseError} from '../../src/errors.js';
import {type Visits, visitParallel} from '../../src/source/lists/parallel.js';

const items = Array.from({length: 20}, (_, index) => index);

/** Everything that comes, and what is thrown in the end. */
async function collect<R>(visits: Pick<Visits<number, R>, 'width' | 'visit'> & Partial<Visits<number, R>>) {
  const came: R[] = [];
  const describe = (failed: number) => `${failed} of 20 items`;
  const nameRequest = (item: number) => `GET /${item}`;
  try {
    for await (const each of visitParallel({items, describe, nameRequest, ...visits})) came.push(each);
    return {came, error: undefined};
  } catch (error) {
    return {came, error};
  }
}

const failWith = (error: (item: number) => Error) =>
  async function* (item: number) {
    yield item;
    if (item >= 2) throw error(item);
  };

describe('items', () => {
  test('that were not visited are told with those that failed', async () => {
    const {came, error} = await collect({width: 2, visit: failWith(item => new ResponseError(`no ${item}`))});
    expect(came.slice(0, 3)).toEqual([0, 1, 2]);
    const refuse = () => {
      throw error;
    };
    expect(refuse).toThrow(IncompleteError);
    expect(refuse).toThrow(/^\d of 20 items could not be read: no 2 1\d more were not asked for\.$/);
    const missing = items.slice(2).map(item => `GET /${item}`);
    expect(refuse).toThrow(expect.objectContaining({missing: expect.arrayContaining(missing)}));
    expect(error).toHaveProperty('missing.length', 18);
  });

  test('are visited until there are enough', async () => {
    const visited: number[] = [];
    const visit = async function* (item: number) {
      visited.push(item);
      yield item;
    };
    const isEnough = () => visited.length === 5;
    expect(await collect({width: 1, visit, isEnough})).toEqual({came: items.slice(0, 5), error: undefined});
    expect(visited).toEqual(items.slice(0, 5));
  });

  test('are visited no more once one failed by more than its own fault, and what came before is told', async () => {
    const {came, error} = await collect({width: 2, visit: failWith(item => new Error(`no ${item}`))});
    expect(error).toEqual(new Error('no 2'));
    expect(came.slice(0, 3)).toEqual([0, 1, 2]);
    expect(came.length).toBeLessThan(5);
  });

  test('are visited side by side, whoever takes what comes, and what comes first is first', async () => {
    let release = () => {};
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    const visit = async function* (item: number) {
      if (item === 0) await held;
      yield item;
      if (item === 3) release();
    };
    const {came} = await collect({width: 2, visit, items: items.slice(0, 4)});
    expect(came).toEqual([1, 2, 3, 0]);
  });
});
