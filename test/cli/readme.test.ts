import {readFile} from 'node:fs/promises';
import {expect, it} from 'vitest';
import {describeOptions} from '../../src/cli/describe-options.js';
import {ingestOptions} from '../../src/cli/options.js';
import {splice, summariseTables} from '../../src/docs.js';
import {exitCodes} from '../../src/errors.js';
import {tables} from '../../tables/index.js';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

it('README.md holds the tables and options as they are declared', async () => {
  const withTables = splice(readme, 'tables', summariseTables(tables));
  const page = splice(withTables, 'options', describeOptions(ingestOptions));
  await expect(page).toMatchFileSnapshot('../../README.md');
});

it('README.md explains every exit code', () => {
  for (const code of Object.values(exitCodes)) expect(readme).toContain(`| ${code} |`);
});

it('options are described from their definition', () => {
  expect(
    describeOptions({
      size: {type: 'number', default: 5, description: 'How | many.'},
      mode: {choices: ['a', 'b'], demandOption: true, description: 'Which.'},
      stamp: {type: 'boolean', default: true, description: 'Whether.'},
    }),
  ).toBe(
    [
      '| Flag | Takes | Default | What it does |',
      '| --- | --- | --- | --- |',
      '| `--size` | number | `5` | How \\| many. |',
      '| `--mode` | `a`, `b` | required | Which. |',
      '| `--no-stamp` |  |  | Whether. |',
    ].join('\n'),
  );
});
