import {execFile} from 'node:child_process';
import {readdir, readFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {commands} from '../../src/cli/commands.js';
import {describeCommand, describeCommands} from '../../src/cli/help.js';
import {globalOptions} from '../../src/cli/options/option-groups.js';
import {version} from '../../src/version.js';
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

/** Words alone, however they are broken into lines. */
function wordsOf(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

describe('the built command', () => {
  it('shows help in lines that fit, and its version', async () => {
    const {stdout} = await runCli(['ingest', '--help']);
    const command = commands.find(({name}) => name === 'ingest');
    expect(command && `${describeCommand(command, 80)}\n`).toBe(stdout);
    expect(stdout.split('\n').filter(line => line.length > 80)).toEqual([]);
    expect((await runCli(['--version'])).stdout).toBe(`${version}\n`);
  });

  it.each(commands.map(each => [each.name, each] as const))(
    'has help for %s with each flag and what it means',
    (_, each) => {
      const text = wordsOf(describeCommand(each, 400));
      for (const [flag, {description}] of Object.entries({...each.options, ...globalOptions}))
        expect(text).toContain(wordsOf(`--${flag} ${description}`));
      expect(wordsOf(describeCommands())).toContain(each.describe);
    },
  );

  it('loads few files for help: its own, and what all that prints and throws needs', async () => {
    const files = await listLoadedFiles('--help');
    expect(files.map(file => basename(file))).toEqual([
      'main.cjs',
      'errors.cjs',
      'secret.cjs',
      'printable.cjs',
      'help.cjs',
      'format.cjs',
    ]);
  });

  it('keeps all that reads JSON byte by byte in one file', async () => {
    const text = await readFile(join(dirname(main), 'json.cjs'), 'utf8');
    for (const name of ['JsonScanner', 'Slicer', 'RecordKeys', 'BodyNotes']) expect(text).toContain(`${name}=class`);
  });

  it('loads no HTTP, database or date library to list the tables', async () => {
    const texts = await Promise.all((await listLoadedFiles('tables')).map(file => readFile(file, 'utf8')));
    const [http, database, dates] = [/UND_ERR_/, /@duckdb\/node-bindings/, /\bxMinutes\b/];
    for (const library of [http, database, dates]) expect(texts.filter(text => library.test(text))).toEqual([]);
    const folder = dirname(main);
    const all = await Promise.all((await readdir(folder)).map(file => readFile(join(folder, file), 'utf8')));
    for (const library of [http, database, dates]) expect(all.some(text => library.test(text))).toBe(true);
  });
});
