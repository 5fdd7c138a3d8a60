import {execFile} from 'node:child_process';
import {basename} from 'node:path';
import {describe, expect, it} from 'vitest';
import {createCli} from '../../src/cli/cli.js';
import {main, runCli} from './run-cli.js';

/** Runs the command in a Node that ends by naming the files it loaded, its own modules apart. */
function listLoadedFiles(command: string): Promise<readonly string[]> {
  const script = `process.argv.splice(1, 0, ${JSON.stringify(main)});
    process.once('exit', () => process.stderr.write(JSON.stringify(Object.keys(require.cache))));
    require(${JSON.stringify(main)})`;
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['-e', script, '--', command], (error, _stdout, stderr) => {
      if (error !== null) reject(error);
      else resolve(JSON.parse(stderr).map((file: string) => basename(file)));
    });
  });
}

describe('the built command', () => {
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

  // What hides secrets is needed by all that prints and throws: the bundler makes a small file of its own of it.
  it('loads two files for help', async () => {
    expect(await listLoadedFiles('--help')).toEqual(['main.cjs', 'secret.cjs']);
  });

  it('loads no HTTP, database or date library to list the tables', async () => {
    expect(await listLoadedFiles('tables')).toEqual(['main.cjs', 'secret.cjs', 'tables.cjs']);
  });
});
