import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {expect, it} from 'vitest';
import {ingestOptions} from '../../src/cli/options/command-options.js';
import {describeOptions} from '../../src/cli/options/describe-options.js';
import {describeIngestrFlags} from '../../src/cli/options/ingestr.js';
import {globalOptions} from '../../src/cli/options/option-groups.js';
import {splice, summariseTables} from '../../src/docs.js';
import {startEmulator} from '../../src/emulator/index.js';
import {exitCodes} from '../../src/errors.js';
import {tables} from '../../tables/index.js';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

it('README.md holds the tables, options and flags of ingestr as they are declared', async () => {
  const withTables = splice(readme, 'tables', summariseTables(tables));
  const withOptions = splice(withTables, 'options', describeOptions({...ingestOptions, ...globalOptions}));
  const page = splice(withOptions, 'ingestr', describeIngestrFlags());
  await expect(page).toMatchFileSnapshot('../../README.md');
});

it('README.md explains every exit code', () => {
  for (const code of Object.values(exitCodes)) expect(readme).toContain(`| ${code} |`);
});

it('README.md loads every table with the lines it gives for a library', async () => {
  const [, program = ''] = /```js\n(.*?)```/s.exec(readme) ?? [];
  expect(program.trim().split('\n').length).toBeLessThan(15);
  const folder = await mkdtemp(join(tmpdir(), 'docebo-library-'));
  const emulator = await startEmulator({users: 20});
  try {
    await mkdir(join(folder, 'node_modules'));
    await symlink(fileURLToPath(new URL('../..', import.meta.url)), join(folder, 'node_modules', 'docebo-ingest'));
    await writeFile(join(folder, 'load.mjs'), program);
    const {stdout} = await promisify(execFile)(process.execPath, ['load.mjs'], {
      cwd: folder,
      env: {
        DOCEBO_BASE_URL: emulator.url,
        DOCEBO_CLIENT_ID: emulator.credentials.clientId,
        DOCEBO_CLIENT_SECRET: emulator.credentials.clientSecret,
      },
    });
    expect(stdout).toMatch(/^0 \[\n {2}'users 20',/);
  } finally {
    await emulator.close();
    await rm(folder, {recursive: true});
  }
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
