import {execFile} from 'node:child_process';
import {readdir, readFile, stat} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {createCli} from '../../src/cli/cli.js';
import {main, runCli} from './run-cli.js';

/** Runs the command in a Node that ends by naming the files it loaded, Node's own modules apart. */
function listLoadedFiles(command: string): Promise<readonly string[]> {
  const script = `process.argv.splice(1, 0, ${JSON.stringify(main)});
    process.once('exit', () => process.stderr.write(JSON.stringify(Object.keys(require.cache))));
    require(${JSON.stringify(main)})`;
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['-e', script, '--', command], (error, _stdout, stderr) => {
      if (error !== null) reject(error);
      else resolve(JSON.parse(stderr));
    });
  });
}

describe('the built command', () => {
  it('can be run by its own name after every build, as a link to it is', async () => {
    const files = ['main', 'tap-docebo', 'source-docebo'].map(name => join(dirname(main), `${name}.cjs`));
    for (const file of files) expect((await stat(file)).mode & 0o111).toBe(0o111);
  });

  it.each([['--help'], ['--version'], ['ingest', '--help'], ['check', '--help'], ['plan', '--help']])(
    'says what yargs says of %j, laid out by its own packages',
    async (...args) => {
      const {stdout} = await runCli(args);
      let printed = '';
      await createCli(args)
        .wrap(100)
        .parseAsync(args, {}, (_error, _argv, output) => {
          printed = output;
        });
      expect(stdout).toBe(`${printed}\n`);
    },
  );

  it('loads few files for help: its own, and what all that prints and throws needs', async () => {
    const files = await listLoadedFiles('--help');
    expect(files.map(file => basename(file))).toEqual([
      'main.cjs',
      'run.cjs',
      'local-paths.cjs',
      'printable.cjs',
      'print.cjs',
    ]);
  });

  it('keeps all that reads JSON byte by byte in one file', async () => {
    const text = await readFile(join(dirname(main), 'json.cjs'), 'utf8');
    for (const name of ['JsonScanner', 'Slicer', 'RecordKeys', 'BodyNotes']) expect(text).toContain(`${name}=class`);
  });

  it('loads no HTTP, database or date library to list the tables', async () => {
    const texts = await Promise.all((await listLoadedFiles('tables')).map(file => readFile(file, 'utf8')));
    const libraries = [/UND_ERR_/, /@duckdb\/node-bindings/, /SCRAM-SERVER-FIRST/, /\bxMinutes\b/];
    for (const library of libraries) expect(texts.filter(text => library.test(text))).toEqual([]);
    const folder = dirname(main);
    const all = await Promise.all((await readdir(folder)).map(file => readFile(join(folder, file), 'utf8')));
    for (const library of libraries) expect(all.some(text => library.test(text))).toBe(true);
  });
});
