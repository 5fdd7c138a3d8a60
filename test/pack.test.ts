import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {afterAll, beforeAll, expect, it} from 'vitest';
import packageJson from '../package.json' with {type: 'json'};
import {emulate} from './source/tenant.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
let folder: string;

/** The package as npm packs it, in a folder of somebody else, beside what it depends on. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-pack-'));
  const modules = join(folder, 'node_modules');
  const {stdout} = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {cwd: root});
  const [{filename}] = JSON.parse(stdout) as [{filename: string}];
  await mkdir(join(modules, 'docebo-ingest'), {recursive: true});
  await run('tar', ['-xzf', join(folder, filename), '-C', join(modules, 'docebo-ingest'), '--strip-components=1']);
  for (const name of [...Object.keys(packageJson.dependencies), '@types/node', '@types/pg', 'undici-types']) {
    await mkdir(dirname(join(modules, name)), {recursive: true});
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
});
afterAll(async () => rm(folder, {recursive: true, force: true}));

/** Those that import an entry by its name; a block of routes is none. */
function programsOf(readme: string): readonly string[] {
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, program = '']) => program);
  return blocks.filter(program => program.includes("from 'docebo-ingest/"));
}

const entries = Object.keys(packageJson.exports).filter(name => name !== './package.json');

it('has the entries that are promised, and nothing else can be imported', async () => {
  expect(entries).toEqual(['.', './client', './directory']);
  await writeFile(join(folder, 'inner.mjs'), "import 'docebo-ingest/dist/src/directory/writer.js';");
  await expect(run(process.execPath, ['inner.mjs'], {cwd: folder})).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
});

it.each(entries)('%s is imported without any work, so that the process ends', async entry => {
  const name = `docebo-ingest${entry.slice(1)}`;
  const script = `
    const {default: http} = await import('node:http');
    const listeners = process.eventNames().flatMap(each => process.listeners(each)).length;
    const found = Object.keys(await import('${name}'));
    const after = process.eventNames().flatMap(each => process.listeners(each)).length;
    console.log(JSON.stringify({found, listens: after - listeners, open: process.getActiveResourcesInfo().filter(each => /Timeout|TCP|TLS|UDP|Worker|Process/.test(each))}));`;
  await writeFile(join(folder, 'import.mjs'), script);
  const {stdout, stderr} = await run(process.execPath, ['import.mjs'], {cwd: folder, env: {PATH: process.env['PATH']}});
  const {found, listens, open} = JSON.parse(stdout);
  expect({stderr, listens, open}).toEqual({stderr: '', listens: 0, open: []});
  const promised = {'.': 'ingest', './client': 'DoceboClient', './directory': 'DoceboDirectory'}[entry];
  expect(found).toContain(promised);
  // Whoever loads or reads cannot write.
  if (entry !== './directory')
    expect(found.filter((each: string) => /Directory|signInUrl|Writer/.test(each))).toEqual([]);
});

it('has types by which a stranger compiles the program of README.md, strictly', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const programs = programsOf(readme);
  expect(programs).toHaveLength(2);
  const names = programs.map((_, index) => `program-${index}.mts`);
  for (const [index, program] of programs.entries()) await writeFile(join(folder, names[index] ?? ''), program);
  const options = [
    '--strict',
    '--noEmit',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--lib',
    'es2023,esnext.disposable',
    '--types',
    'node',
    '--skipLibCheck',
  ];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const {stdout} = await run(process.execPath, [tsc, ...options, ...names], {cwd: folder}).catch(
    (error: {stdout: string}) => error,
  );
  expect(stdout).toBe('');
});

it('does what README.md shows', async () => {
  const emulator = await emulate({users: 60});
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const outputs: string[] = [];
  for (const program of programsOf(readme)) {
    await writeFile(join(folder, 'shown.mjs'), program);
    const {clientId, clientSecret} = emulator.credentials;
    const env = {
      ...{PATH: process.env['PATH'], HOME: folder, DOCEBO_BASE_URL: emulator.url, DOCEBO_SSO_SECRET: 'sso-s3cret'},
      ...{DOCEBO_CLIENT_ID: clientId, DOCEBO_CLIENT_SECRET: clientSecret},
    };
    outputs.push((await run(process.execPath, ['shown.mjs'], {cwd: folder, env})).stdout);
  }
  const [reads, writes] = outputs;
  expect(reads).toMatch(/^\d+n [^\n]*@example\.com/);
  expect(writes).toMatch(/outcome: 'created'/);
});
