import {expect, it} from 'vitest';
import {formatTable, wrap} from '../../src/cli/printing/format.js';

it('a table is aligned by what is seen, a line a row', () => {
  expect(
    formatTable(
      [{title: 'name'}, {title: 'rows', align: 'right'}, {title: 'note'}],
      [
        ['日本', '1', 'two\nlines'],
        ['users', '12,000', ''],
      ],
    ),
  ).toBe(['name     rows  note', '日本        1  two lines', 'users  12,000', ''].join('\n'));
});

it('a table that is too wide goes on in further lines, in the columns that may', () => {
  const headings = [{title: 'name'}, {title: 'text', wraps: true}, {title: 'rows', align: 'right'}] as const;
  const rows = [
    ['learning_plan_course_enrollments', 'Who is enrolled in which course of which plan', '1'],
    ['users', '日本の/'.repeat(5), '12,000'],
  ];
  expect(formatTable(headings, rows, 64)).toBe(
    [
      'name                              text                      rows',
      'learning_plan_course_enrollments  Who is enrolled in           1',
      '                                  which course of which',
      '                                  plan',
      'users                             日本の/日本の/日本の/   12,000',
      '                                  日本の/日本の/',
      '',
    ].join('\n'),
  );
});

it('a line that is too long is broken between words, and within a word that is longer', () => {
  expect(wrap('users: one two three four', 14, '  ')).toBe(['users: one two', '  three four'].join('\n'));
  expect(wrap(`a ${'x'.repeat(20)}`, 12, '  ')).toBe(['a xxxxxxxxxx', '  xxxxxxxxxx'].join('\n'));
  expect(wrap('short', 12, '  ')).toBe('short');
});
