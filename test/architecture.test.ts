import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join, relative, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const files = ['src', 'tables'].flatMap(folder =>
  readdirSync(join(root, folder), {recursive: true, encoding: 'utf8'})
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name)),
);

interface Import {
  readonly from: string;
  readonly to: string;
}

const imports: readonly Import[] = files.flatMap(from => {
  const source = readFileSync(join(root, from), 'utf8');
  const found = source.matchAll(/(?:^(?:import|export|\}) [^']*from |^import |import\()'([^']+)'/gm);
  return [...found].map(([, target = '']) => ({
    from,
    to: target.startsWith('.') ? relative(root, resolve(root, dirname(from), target)).replace(/\.js$/, '.ts') : target,
  }));
});

/** Who may not import whom, and which library occurs where. */
const rules: readonly {readonly promise: string; readonly broken: (each: Import) => boolean}[] = [
  {
    promise: 'tables/ sees only the vocabulary and other tables',
    broken: ({from, to}) => from.startsWith('tables/') && to !== 'src/table.ts' && !to.startsWith('tables/'),
  },
  {
    promise: 'only cli/, client/ and index.ts know which tables there are',
    broken: ({from, to}) => to === 'tables/index.ts' && !/^src\/(cli\/|client\/|index\.ts)/.test(from),
  },
  {
    promise: 'nothing but its own files opens the door that writes: no load can reach it',
    broken: ({from, to}) => to.startsWith('src/directory/') && !from.startsWith('src/directory/'),
  },
  {
    promise: 'a load does not see the client',
    broken: ({from, to}) => to.startsWith('src/client/') && !/^src\/(client|directory|cli)\//.test(from),
  },
  {
    promise: 'nothing but cli/ sees cli/',
    broken: ({from, to}) => to.startsWith('src/cli/') && !from.startsWith('src/cli/'),
  },
  {
    promise: 'source/ and destination/ never see each other',
    broken: ({from, to}) =>
      (from.startsWith('src/source/') && /^src\/(destination|engine)\//.test(to)) ||
      (/^src\/(destination|engine)\//.test(from) && to.startsWith('src/source/')),
  },
  {
    promise: 'the emulator knows nothing of the rest',
    broken: ({from, to}) =>
      from.startsWith('src/emulator/') && /^(src|tables)\//.test(to) && !to.startsWith('src/emulator/'),
  },
  {
    promise: 'only cli/ starts an emulator',
    broken: ({from, to}) => to.startsWith('src/emulator/') && !/^src\/(emulator|cli)\//.test(from),
  },
  {
    promise: 'undici, p-limit and jose occur only in source/',
    broken: ({from, to}) => ['undici', 'p-limit', 'jose'].includes(to) && !from.startsWith('src/source/'),
  },
  {
    promise: 'DuckDB occurs only in engine/ and destination/',
    broken: ({from, to}) => to === '@duckdb/node-api' && !/^src\/(engine|destination)\//.test(from),
  },
  {
    promise: 'what talks to Postgres occurs only in destination/',
    broken: ({from, to}) => /^pg(-|$)/.test(to) && !from.startsWith('src/destination/'),
  },
  {
    promise: 'yargs occurs only in cli/',
    broken: ({from, to}) => /^yargs/.test(to) && !from.startsWith('src/cli/'),
  },
];

/** Rooms from the lowest up: each knows nothing of those behind it. */
const storeys: readonly (readonly string[])[] = [
  ['src/json/', 'src/spool/', 'src/engine/', 'src/destination/', 'src/cli/'],
  ['src/json/', 'src/spool/', 'src/source/lists/', 'src/source/tables/', 'src/cli/'],
  ['src/source/http/', 'src/source/lists/', 'src/source/tables/', 'src/cli/'],
];

/** The files that import each other, if by way of others. */
function findCircles(): readonly string[] {
  const reach = (file: string, seen: Set<string>): ReadonlySet<string> => {
    for (const {from, to} of imports) if (from === file && seen.size < seen.add(to).size) reach(to, seen);
    return seen;
  };
  return files.filter(file => reach(file, new Set()).has(file));
}

/** What may stand in which files of src/ alone. */
const confined: readonly {readonly promise: string; readonly text: RegExp; readonly to: readonly string[]}[] = [
  {
    promise: 'statements reach DuckDB by `run` and `query`, which take nothing but Sql',
    text: /\.(run|runAndRead\w*|streamAndRead\w*)\(|\bconnection\.(?!closeSync\b)\w/,
    to: ['src/engine/duckdb.ts'],
  },
  {
    promise: 'text becomes Sql by `trust`',
    text: /\bas (unknown as )?Sql\b|<Sql>|: any\b/,
    to: ['src/engine/sql.ts'],
  },
  {
    promise: 'only what quotes, or reads what DuckDB itself has written, trusts a text',
    text: /\btrust\b/,
    to: ['src/engine/sql.ts', 'src/engine/quote.ts', 'src/destination/earlier.ts', 'src/destination/swap.ts'],
  },
  {
    promise: 'what is printed goes through the few functions that hide secrets and show what is invisible',
    text: /process\.std(out|err)\.write/,
    // `main` says one sentence of its own, at a time when nothing else can be loaded.
    to: ['src/cli/main.ts', 'src/cli/printing/print.ts'],
  },
];

/** How requests leave this process. Reading needs GET, and tokens come by a POST of their own. */
const waysOut: readonly {readonly promise: string; readonly text: RegExp; readonly to: readonly string[]}[] = [
  {
    promise: 'only the door that writes sends any request',
    text: /\.exchange\(/,
    to: ['src/directory/writer.ts'],
  },
  {
    promise: 'only tokens and the door that writes use another method than GET',
    text: /'(POST|PUT|PATCH|DELETE)'/,
    to: [
      'src/source/http/transport.ts',
      'src/directory/writer.ts',
      'src/directory/modern.ts',
      'src/directory/legacy.ts',
    ],
  },
  {promise: 'only a transport makes connections', text: /\.dispatch\(/, to: ['src/source/http/transport.ts']},
];

describe('architecture', () => {
  test.each(waysOut)('$promise', ({text, to}) => {
    const found = files
      .filter(file => !/^src\/(emulator|cli)\//.test(file))
      .filter(file => text.test(readFileSync(join(root, file), 'utf8')));
    expect(found.toSorted()).toEqual([...to].sort());
  });

  test.each(confined)('$promise', ({text, to}) => {
    const found = files
      .filter(file => /^src\/(engine|destination|cli)\//.test(file))
      .filter(file => text.test(readFileSync(join(root, file), 'utf8')));
    expect(found.filter(file => !to.includes(file))).toEqual([]);
    expect(found.length).toBeGreaterThan(0);
  });

  test.each(storeys)('%s %s %s: none imports from one behind it', (...rooms) => {
    const storeyOf = (file: string) => rooms.findIndex(room => file.startsWith(room));
    expect(imports.filter(({from, to}) => storeyOf(from) >= 0 && storeyOf(to) > storeyOf(from))).toEqual([]);
  });

  test('no files import each other', () => {
    expect(findCircles()).toEqual([]);
  });

  test.each(rules)('$promise', ({broken}) => {
    expect(imports.filter(broken)).toEqual([]);
  });
});
