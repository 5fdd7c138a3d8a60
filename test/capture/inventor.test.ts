import {randomInt} from 'node:crypto';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {Inventor} from '../../src/capture/inventor.js';
import {SeenValues} from '../../src/capture/seen-values.js';
import {collectVocabulary} from '../../src/capture/vocabulary.js';
import {tables} from '../../tables/index.js';

const vocabulary = collectVocabulary(tables);

function inventorOf(...texts: readonly string[]): Inventor {
  return new Inventor(vocabulary, new SeenValues([[...texts]]), randomInt);
}

test.each([
  ['12345', /^[1-9]\d{4}$/],
  ['-120', /^-[1-9]\d{2}$/],
  ['0042', /^00[1-9]\d$/],
  ['12.50', /^[1-9]\d\.[1-9]{2}$/],
  ['100.00', /^[1-9]\d{2}\.00$/],
  ['9223372036854775807', /^[1-8]\d{18}$/],
  ['2024-02-29', /^20[4-6]\d-(0[1-9]|1[0-2])-(1[3-9]|2[0-8])$/],
  ['2024-02-09 00:00:00', /^20[4-6]\d-\d\d-(0[1-9]|1[0-2]) 00:00:00$/],
  ['2024-02-09T13:05:59.120Z', /^20[4-6]\d-\d\d-\d\dT(1[3-9]|2[0-3]):\d\d:\d\d\.[1-9]{2}0Z$/],
  ['2024-02-09 13:05:59+05:30', /^20[4-6]\d-\d\d-\d\d \d\d:\d\d:\d\d\+01:00$/],
  ['31/12/2023', /^(1[3-9]|2\d)\/(0[1-9]|1[0-2])\/20[4-6]\d$/],
  ['9:30 AM', /^\d{1,2}:\d\d AM$/],
  ['0000-00-00 00:00:00', /^000[1-9]-0[1-9]-0[1-9] 0[1-9]:0[1-9]:0[1-9]$/],
  ['0007', /^000[0-689]$/],
  ['No', /^[A-Z][a-z]$/],
  ['c0ffee00-1234-4abc-8def-0123456789ab', /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/],
  ['ann@acme.example', /^[a-z]+\.[a-z]+@example\.invalid$/],
  [
    'https://acme.docebosaas.com/learn/course/17?a=b',
    /^https:\/\/example\.invalid\/[a-z]+\/[a-z]+\/[1-9]\d\?[a-z]=[a-z]$/,
  ],
  ['//cdn.acme.com/logo.png', /^\/\/example\.invalid\/[a-z]+\.[a-z]+$/],
  ['/learn/course/view', /^\/[a-z]+\/[a-z]+\/[a-z]+$/],
  ['Anna MÜLLER-Schmidt', /^[A-Z][a-z]{2,4} [A-ZÀÉÎÕÜ]{5,7}-[A-Z][a-z]+$/],
  ['<b>Hi</b>', /^<[a-z]>[A-Z][a-z]<\/[a-z]>$/],
  ['Ольга', /^[А-Я][а-я]+$/],
  ['山田太郎', /^[甲乙丙丁戊己庚辛壬癸]+$/],
  ['🎓', /^🞄$/],
  ['{"name":"Ann","12345":[7,"x"]}', /^\{"name": "[A-Z][a-z]{2,3}", "\d{5}": \[7, "[a-z]"\]\}$/],
])('%s becomes another value of its form', (text, form) => {
  const made = inventorOf(text).text(text, null);
  expect(made).toMatch(form);
  expect(made).not.toBe(text);
});

test('words for yes, no and nothing, and zero dates, stay in members that are declared to hold them, and only there', () => {
  const inventor = inventorOf('No', 'null', zeroDate);
  expect(inventor.text('No', 'is_manager')).toBe('No');
  expect(inventor.text('null', 'last_access_date')).toBe('null');
  expect(inventor.text(zeroDate, 'last_access_date')).toBe(zeroDate);
  for (const key of ['first_name', null])
    for (const text of ['No', 'null', zeroDate]) expect(inventor.text(text, key), `${key}`).not.toBe(text);
});

const zeroDate = '0000-00-00 00:00:00';

test('words that are listed stay in the members that list them, and only there', () => {
  const inventor = inventorOf('webinar', 'asc');
  expect(inventor.text('webinar', 'course_type')).toBe('webinar');
  expect(inventor.text('webinar', 'name')).not.toBe('webinar');
  expect(inventor.text('webinar', null)).not.toBe('webinar');
});

test('a long text is cut', () => {
  const text = 'Confidential '.repeat(1000);
  expect(inventorOf(text).text(text, null).length).toBeLessThan(300);
});

test('of one value always the same is made, as text, number or key, and of two never the same', () => {
  const inventor = inventorOf();
  const all = Array.from({length: 1200}, (_, index) => String(index));
  const made = all.map(id => inventor.text(id, null));
  expect(new Set(made).size).toBe(all.length);
  expect(all.map(id => inventor.number(id))).toEqual(made);
  expect(all.map(id => inventor.key(`field_${id}`))).toEqual(made.map(id => `field_${id}`));
  const names = 'abcdefghijklmnopqrstuvwxyz'.split('').flatMap(one => [one, one + one, `${one} ${one}`]);
  expect(new Set(names.map(name => inventor.text(name, null))).size).toBe(names.length);
  expect(names.map(name => inventor.key(name))).toEqual(names.map(name => inventor.text(name, null)));
});

test('of one score always the same is made, and of two never the same, however they are written', () => {
  const inventor = inventorOf();
  const scores = Array.from({length: 100}, (_, index) => (index / 10).toFixed(1));
  const all = [...scores, '7.25', '7.250', '-7.25', '7,25', '1.5e10', '1.5E+10', '3e5', '0.05', '0.50'];
  const made = all.map(score => inventor.number(score));
  expect(all.map(score => inventor.number(score))).toEqual(made);
  expect(new Set(made).size).toBe(all.length);
  for (const [index, score] of all.entries()) if (!/^\d\.0$/.test(score)) expect(made[index]).not.toBe(score);
  for (const number of ['0e5', '0.0E3', '3e5', '1.05e-7', '-2.5E+3'])
    expect(JSON.stringify(JSON.parse(inventor.number(number)))).toMatch(/\d/);
});

test('every minute of a day becomes another, and remains one', () => {
  const minutes = Array.from({length: 24 * 60}, (_, index) => new Date(index * 60_000).toISOString().slice(11, 16));
  const inventor = inventorOf(...minutes);
  const made = minutes.slice(0, 200).map(minute => inventor.text(minute, null));
  expect(made.filter(minute => !/^\d\d:\d\d$/.test(minute))).toEqual([]);
  expect(new Set(made).size).toBe(made.length);
});

test('two captures make different values', () => {
  const draw = () => Array.from({length: 10}, (_, index) => inventorOf().text(String(10_000 + index), null));
  expect(draw()).not.toEqual(draw());
});

test('whatever text it is, something comes of it, twice the same', () => {
  fc.assert(
    fc.property(fc.string({unit: 'binary', maxLength: 300}), text => {
      const inventor = inventorOf(text);
      expect(inventor.text(text, null)).toBe(inventor.text(text, null));
    }),
    {numRuns: 100},
  );
});
