import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {expect, it} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {ingestOptions} from '../../src/cli/options/command-options.js';
import {describeOptions} from '../../src/cli/options/describe-options.js';
import {describeIngestrFlags} from '../../src/cli/options/ingestr.js';
import {globalOptions} from '../../src/cli/options/option-groups.js';
import {readArguments} from '../../src/cli/options/read-arguments.js';
import {describeQuestions} from '../../src/cli/questions.js';
import {describeLedger, splice, summariseMerges, summariseTables} from '../../src/docs.js';
import {startEmulator} from '../../src/emulator/index.js';
import {exitCodes} from '../../src/errors.js';
import {describeIngestrColumns, ingestrColumns} from '../../src/ingestr-columns.js';
import {tables} from '../../tables/index.js';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

it('README.md holds the tables, options, columns and flags of ingestr as they are declared', async () => {
  const withTables = splice(readme, 'tables', summariseTables(tables));
  const withMerges = splice(withTables, 'merges', summariseMerges(tables));
  const withOptions = splice(withMerges, 'options', describeOptions({...ingestOptions, ...globalOptions}));
  const withQuestions = splice(withOptions, 'questions', describeQuestions());
  const withColumns = splice(withQuestions, 'ingestr columns', describeIngestrColumns());
  const withLedger = splice(withColumns, 'ledger', describeLedger());
  const page = splice(withLedger, 'ingestr', describeIngestrFlags());
  await expect(page).toMatchFileSnapshot('../../README.md');
});

it('README.md explains every exit code', () => {
  for (const code of Object.values(exitCodes)) expect(readme).toContain(`| ${code} |`);
});

it('README.md shows commands that are understood, and no schema called as its file, which DuckDB finds ambiguous', () => {
  const blocks = [...readme.matchAll(/```(?:sh|cron)\n(.*?)```/gs)].map(([, block = '']) =>
    block.replaceAll('\\\n', ' '),
  );
  const shown = blocks.flatMap(block =>
    [...block.matchAll(/^(?:[\d* ]+)?docebo-ingest ([^>|&\n]*)/gm)].map(([, words = '']) => words),
  );
  expect(shown.length).toBeGreaterThan(10);
  for (const words of shown) {
    const argv = (words.match(/'[^']*'|\S+/g) ?? []).map(word => word.replaceAll("'", ''));
    expect(() => readArguments(argv), words).not.toThrow();
    const [, file] = /duckdb:\/\/\S*?(\w+)\.duckdb/.exec(words) ?? [];
    expect(/--dest-table '?(\w+)/.exec(words)?.[1] ?? 'main', words).not.toBe(file);
  }
});

it('README.md loads every table with the lines it gives for a library, and asks them the question of its first page', async () => {
  const [, program = ''] = /```js\n(.*?)```/s.exec(readme) ?? [];
  expect(program.trim().split('\n').length).toBeLessThan(15);
  const folder = await mkdtemp(join(tmpdir(), 'docebo-library-'));
  const emulator = await startEmulator({users: 20});
  try {
    await mkdir(join(folder, 'node_modules'));
    const root = fileURLToPath(new URL('../..', import.meta.url));
    await symlink(root, join(folder, 'node_modules', 'docebo-ingest'));
    await symlink(join(root, 'node_modules', '@duckdb'), join(folder, 'node_modules', '@duckdb'));
    await writeFile(join(folder, 'load.mjs'), program);
    const {stdout} = await promisify(execFile)(process.execPath, ['load.mjs'], {
      cwd: folder,
      env: {
        DOCEBO_INGEST_SOURCE_URI: writeSourceUri(emulator),
        XDG_STATE_HOME: folder,
      },
    });
    expect(stdout).toMatch(/^0 \[\n {2}'users 20',/);
    const [question = expect.fail()] = /^question=.*?(?=```)/ms.exec(readme) ?? [];
    const asked = question.replace('practice.duckdb', 'lms.duckdb');
    const answer = await promisify(execFile)('sh', ['-c', asked], {cwd: folder, env: {PATH: process.env['PATH']}});
    expect(answer.stdout).toMatch(/ course_name .* completed_percent .*\n.*\n.* 0 .* '\w/);
  } finally {
    await emulator.close();
    await rm(folder, {recursive: true});
  }
});

it('each column of ingestr is renamed, to a column that is declared and that reads its key if one does', () => {
  const declared = new Map(tables.map(table => [table.name, table.columns]));
  for (const [table, columns] of Object.entries(ingestrColumns)) {
    const own = declared.get(table) ?? {};
    for (const [theirs, ours] of Object.entries(columns)) {
      expect(Object.keys(own), `${table}: ${theirs} is a name here too`).not.toContain(theirs);
      const [column = '', other = table] = (ours ?? '').split('.').reverse();
      if (ours !== null) expect(Object.keys(declared.get(other) ?? {}), `${table}: ${theirs}`).toContain(column);
      const readBy = Object.keys(own).find(name => own[name]?.from?.includes(theirs));
      if (readBy !== undefined) expect(ours, `${table}: ${theirs}`).toBe(readBy);
    }
  }
});

it('options are described from their definition, in their groups', () => {
  expect(
    describeOptions({
      size: {type: 'number', default: 5, description: 'How | many.', group: 'Pages:'},
      mode: {choices: ['a', 'b'], demandOption: true, description: 'Which.', group: 'Modes:'},
      stamp: {type: 'boolean', default: true, description: 'Whether.', group: 'Pages:'},
    }),
  ).toBe(
    [
      '| Flag | Takes | Default | What it does |',
      '| --- | --- | --- | --- |',
      '| **Pages:** |  |  |  |',
      '| `--size` | number | `5` | How \\| many. |',
      '| `--no-stamp` |  |  | Whether. |',
      '| **Modes:** |  |  |  |',
      '| `--mode` | `a`, `b` | required | Which. |',
    ].join('\n'),
  );
});
