import type {ServerResponse} from 'node:http';
import {describe, expect, test} from 'vitest';
import {LargeReplies} from '../../src/source/http/large-replies.js';
import {listen, open} from './tenant.js';

const megabyte = 1024 * 1024;

/** Lets all go on that need not wait for anything outside. */
const nextTurn = async () => new Promise(resolve => setImmediate(resolve));

describe('large replies', () => {
  test('are let in one after the other', async () => {
    const large = new LargeReplies();
    const entered: number[] = [];
    const enter = async (reply: number) => {
      await large.enter();
      entered.push(reply);
    };
    const all = [enter(1), enter(2), enter(3)];
    await nextTurn();
    expect(entered).toEqual([1]);
    large.leave();
    await nextTurn();
    expect(entered).toEqual([1, 2]);
    large.leave();
    await Promise.all(all);
    expect(entered).toEqual([1, 2, 3]);
  });

  test('wait while pages that have come hold much', async () => {
    const large = new LargeReplies();
    const landings: (() => void)[] = [];
    const land = async () => large.land(40 * megabyte, async () => new Promise(resolve => landings.push(resolve)));
    const landed = [land(), land()];
    let isEntered = false;
    const entered = large.enter().then(() => {
      isEntered = true;
    });
    await nextTurn();
    expect(isEntered).toBe(false);
    landings[0]?.();
    await entered;
    landings[1]?.();
    await Promise.all(landed);
  });

  test('wait no longer for a page that could not land', async () => {
    const large = new LargeReplies();
    const land = large.land(80 * megabyte, async () => {
      await nextTurn();
      throw new Error('the disk is full');
    });
    const entered = large.enter();
    await expect(land).rejects.toThrow('the disk is full');
    await entered;
  });
});

test('of two replies that grow large the second waits for the first, and small ones for none', async () => {
  const held: ServerResponse[] = [];
  const half = Buffer.alloc(5 * megabyte, ' ');
  const url = await listen((request, response) => {
    if (request.method === 'POST') return response.end('{"access_token":"t"}');
    if (request.url === '/first') {
      held.push(response);
      return response.write(half);
    }
    return response.end(request.url === '/second' ? Buffer.alloc(40 * megabyte, ' ') : ' ');
  });
  const {client} = open(url, {parallelism: 4});
  const ended: string[] = [];
  const ask = async (path: string) => {
    await client.get(path, ({length}) => length);
    ended.push(path);
  };
  // Requests in flight grow with what succeeds.
  for (let call = 0; call < 4; call++) await ask('/small');
  const first = ask('/first');
  while (held.length === 0) await nextTurn();
  // The first is sure to be in: what it is sent is larger than what the network holds back.
  await new Promise(resolve => held[0]?.once('drain', resolve));
  const second = ask('/second');
  for (let call = 0; call < 100; call++) await ask('/small');
  expect(new Set(ended)).toEqual(new Set(['/small']));
  held[0]?.end();
  await Promise.all([first, second]);
  expect(ended.slice(-2)).toEqual(['/first', '/second']);
});
