import fc from 'fast-check';
import {expect, test} from 'vitest';
import {Slicer} from '../../src/source/lists/slice.js';

const slice = (body: string, noted: readonly (readonly string[])[]) =>
  new Slicer(new Map(), ['items'], {noted}).slice(Buffer.from(body)).noted;

test('the first key that holds a value counts, and a number is the text of its digits', () => {
  const records = [
    '{"id":7,"at":"x"}',
    '{ "course_id" : "8" , "id":9, "at" : null }',
    '{"id":null,"course_id":null}',
    '{}',
  ];
  const noted = slice(`{"items":[${records.join()}]}`, [['course_id', 'id'], ['at']]);
  expect(noted).toBe('7\tx\n8\t\n\t\n\t\n');
});

test('of a key that occurs twice the last value counts, and keys inside values do not', () => {
  expect(slice('{"items":[{"id":1,"in":{"id":2},"id":3}]}', [['id']])).toBe('3\n');
});

test('nothing is noted of a reply without records, nor carried into the next reply', () => {
  const slicer = new Slicer(new Map(), ['items'], {noted: [['id']]});
  expect(slicer.slice(Buffer.from('{"items":[{"id":1}]}')).noted).toBe('1\n');
  expect(() => slicer.slice(Buffer.from('{"items":[{"id":2},{"id":'))).toThrow();
  expect(slicer.slice(Buffer.from('{"items":[]}')).noted).toBe('');
});

test('texts stand as they were written, so that no value holds a tab or a newline', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({unit: 'binary'}), fc.oneof(fc.string(), fc.integer()))), rows => {
      const records = rows.map(([a, b]) => `{"a":${JSON.stringify(a)},"b":${JSON.stringify(b)}}`);
      const lines = slice(`{"items":[${records.join('\n,')}]}`, [['a'], ['b']]).split('\n');
      expect(lines).toHaveLength(rows.length + 1);
      for (const [index, [a]] of rows.entries()) {
        const [noted = ''] = lines[index]?.split('\t') ?? [];
        expect(JSON.parse(`"${noted}"`)).toBe(a);
      }
    }),
  );
});
