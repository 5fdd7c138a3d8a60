import {expect, it} from 'vitest';
import {formatTable} from '../../src/cli/printing/format.js';

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
