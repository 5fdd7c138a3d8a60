import {brotliCompressSync, gzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {pageOf, serve} from '../helpers/served.js';
import {tableOf} from './outcome.js';

const fill = (text: string, bytes: number) => text.repeat(Math.ceil(bytes / text.length)).slice(0, -1);
const pageWith = (items: string, beside = '') => `{"data":{"items":[${items}],"has_more_data":false}${beside}}`;
const megabyte = 1024 * 1024;

/** Loads users of a tenant that answers with one body, over an earlier row. */
async function loadOver(body: string, coding: 'gzip' | 'br' = 'gzip') {
  const zipped = coding === 'gzip' ? gzipSync(body, {level: 1}) : brotliCompressSync(body);
  let isHostile = false;
  const served = await serve(() =>
    isHostile ? {status: 200, headers: {'content-encoding': coding}, body: zipped} : pageOf('{"user_id":1}'),
  );
  await served.load(['users']);
  isHostile = true;
  const report = await served.load(['users'], {maxShrinkPercent: 100});
  return {error: tableOf(report, 'users').error, rows: await served.query('SELECT user_id FROM users ORDER BY ALL')};
}

describe('a reply that would fill the memory leaves the table as it was', () => {
  test.each([
    ['a long list beside its records', pageWith('{"user_id":2}', `,"x":[${fill('{},', megabyte)}]`), /beside the rec/],
    ['a long text beside its records', pageWith('{"user_id":2}', `,"x":"${fill('x', megabyte)}"`), /beside the rec/],
    [
      'very many keys beside its records',
      `{${Array.from({length: 200_000}, (_, key) => `"k${key}":1`).join()}}`,
      /beside the records/,
    ],
    ['blanks before and behind', `${' '.repeat(megabyte)}${pageWith('{"user_id":2}')}`, /beside the records/],
    ['blanks behind', `${pageWith('{"user_id":2}')}${' '.repeat(megabyte)}`, /beside the records/],
    ['very many records', pageWith(fill('{},', 3 * 500_001)), /more than 500000 records/],
    [
      'a record of very many keys',
      pageWith(`{"user_id":2,${Array.from({length: 5001}, (_, key) => `"k${key}":1`).join()}}`),
      /more than 5000 different keys/,
    ],
    [
      'records of very many keys together',
      pageWith(Array.from({length: 5001}, (_, id) => `{"user_id":${id},"k${id}":1}`).join()),
      /more than 5000 different keys/,
    ],
    ['a record that repeats a key', pageWith(`{"user_id":2,${fill('"a":1,', 70_000)}}`), /more than 10000 members/],
    ['a very long key', pageWith(`{"user_id":2,"${fill('k', megabyte)}":1}`), /key of more than/],
    ['very many levels', pageWith(`{"user_id":2,"x":${'['.repeat(1_000_010)}${']'.repeat(1_000_010)}}`), /levels of/],
    ['very many odd numbers', pageWith(`{"user_id":2,"x":[${fill('1e5,', 4 * 1_000_001)}]}`), /kept as texts/],
  ])('%s', async (_, body, said) => {
    const {error, rows} = await loadOver(body);
    expect(error?.message).toMatch(said);
    expect(error?.exitCode).toBe(5);
    expect(rows).toEqual([['1']]);
  });

  test('a survey of very many values', async () => {
    const survey = `{"data":{"questions":{},"answers":[${fill('{},', 3 * 1_000_001)}]}}`;
    const served = await serve(path => {
      if (path === '/learn/v1/courses') return pageOf('{"id_course":1}');
      return path === '/learn/v1/courses/1/los'
        ? '{"data":[{"id_org":1,"id_resource":5,"object_type":"poll"}]}'
        : survey;
    });
    const report = await served.load(['survey_answers']);
    expect(tableOf(report, 'survey_answers').error?.message).toMatch(/more than 1000000 values/);
  });
});

describe('what is large but no harm is loaded', () => {
  test.each(['gzip', 'br'] as const)('a page that unzips to many megabytes: %s', async coding => {
    const items = Array.from({length: 200}, (_, id) => `{"user_id":${id},"email":"${'é'.repeat(30_000)}"}`).join();
    const {error, rows} = await loadOver(pageWith(items), coding);
    expect(error).toBeUndefined();
    expect(rows.length).toBe(200);
  });

  test('a page of ten thousand records, one of which has 2,000 keys more', async () => {
    const keys = Array.from({length: 2000}, (_, key) => `"k${key}":null`).join();
    const items = Array.from({length: 10_000}, (_, id) => `{"user_id":${id}${id === 7 ? `,${keys}` : ''}}`).join();
    const {error, rows} = await loadOver(pageWith(items));
    expect(error).toBeUndefined();
    expect(rows.length).toBe(10_000);
  });

  test('a hundred thousand levels of nesting', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const {error} = await loadOver(pageWith(`{"user_id":2,"x":${deep}}`));
    expect(error?.message ?? '').not.toMatch(/levels of nesting/);
  });
});

test.each([
  ['long', Buffer.alloc(2 * megabyte, ' '), {}],
  ['long once unzipped', gzipSync(Buffer.alloc(2 * megabyte, ' ')), {'content-encoding': 'gzip'}],
  ['not what it says it is', Buffer.from('<html>'), {'content-encoding': 'gzip'}],
  ['in a coding that was not asked for', Buffer.from('x'), {'content-encoding': 'zstd'}],
])('a refusal counts, though its body is %s', async (_, body, headers) => {
  const served = await serve(() => ({status: 403, headers, body}));
  const report = await served.load(['users']);
  expect(tableOf(report, 'users').error).toMatchObject({exitCode: 5, status: 403});
});
