import {expect, test} from 'vitest';
import {digestRows} from '../../src/destination/messages/digest-rows.js';
import type {EvolvedColumn} from '../../src/engine/evolve.js';

const choices = {invalidDates: 'epoch', schemaContract: 'evolve'} as const;
const sent = [
  {name: 'user_id', type: 'BIGINT'},
  {name: 'field_3', type: 'BIGINT'},
];

function fieldOf(options: Readonly<Record<string, string>>, title = 'Department'): readonly EvolvedColumn[] {
  const field = {title, type: 'dropdown', name: 'department', options};
  const column = {key: 'field_3', name: 'field_3', kind: 'integer', field} as const;
  return [column, {...column, key: 'field_3 label', name: 'field_3_label', kind: 'text', labels: 'field_3'}];
}

const before = digestRows(sent, fieldOf({a: 'Sales', b: 'HR'}), choices);

test.each<[string, string]>([
  ['a renamed option', digestRows(sent, fieldOf({a: 'Sales', b: 'People'}), choices)],
  ['a new column', digestRows([...sent, {name: 'email', type: 'VARCHAR'}], fieldOf({a: 'Sales', b: 'HR'}), choices)],
  [
    'a widened type',
    digestRows(
      [sent[0] ?? {name: '', type: ''}, {name: 'field_3', type: 'VARCHAR'}],
      fieldOf({a: 'Sales', b: 'HR'}),
      choices,
    ),
  ],
  [
    'another key',
    digestRows(
      sent,
      fieldOf({a: 'Sales', b: 'HR'}).map(column => ({...column, key: 'Field_3'})),
      choices,
    ),
  ],
  ['other dates', digestRows(sent, fieldOf({a: 'Sales', b: 'HR'}), {...choices, invalidDates: 'null'})],
  ['another contract', digestRows(sent, fieldOf({a: 'Sales', b: 'HR'}), {...choices, schemaContract: 'discard_row'})],
])('%s changes the digest of how rows are made', (_, after) => {
  expect(after).not.toBe(before);
});

test('an order, and a title that names no column, do not', () => {
  expect(digestRows([...sent].reverse(), fieldOf({b: 'HR', a: 'Sales'}, 'Unit'), choices)).toBe(before);
});
