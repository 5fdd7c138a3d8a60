import {chmod, rm, writeFile} from 'node:fs/promises';
import {build} from 'rolldown';

// Otherwise files of an earlier build would be packed too.
await rm('dist/cli', {recursive: true, force: true});

/**
 * The command in few files, so that it starts fast: loading some hundred modules takes five times as long as Node itself.
 * CommonJS, because ES modules take 4 ms longer. Code that a command does not need stays in chunks that it does not load.
 */
await build({
  input: {main: 'src/cli/main.ts'},
  platform: 'node',
  // ES modules if a package has both: CommonJS modules need a runtime, in one more file.
  resolve: {mainFields: ['module', 'main']},
  // One command may load a module late that another needs at once.
  checks: {ineffectiveDynamicImport: false},
  // Native: Node finds it at run time. What wraps it has more than a hundred modules, so it is bundled. package.json names one exact
  // version of both, because each fits only that of the other.
  external: ['@duckdb/node-bindings'],
  // yargs needs it only if a configuration file extends another, and there is none.
  transform: {define: {'import.meta.resolve': 'undefined'}},
  output: {
    dir: 'dist/cli',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    // What reads JSON byte by byte stays with the constants that it compares with: through a getter of another chunk it takes a fifth longer.
    codeSplitting: {
      groups: [{name: 'json', test: /src[\\/](json[\\/]|source[\\/]lists[\\/](slice|record-keys|body-notes)\.ts)/}],
    },
    // Names are kept: people report the stack of a bug.
    minify: {compress: {keepNames: {function: true, class: true}}, mangle: {keepNames: {function: true, class: true}}},
  },
});

// npm does so only when it first links the command, so a build after that would take it away.
await chmod('dist/cli/main.cjs', 0o755);

// Whoever runs a tap or a source calls it by a name of its own, without that of a command. As one more input it would cut the bundle into more files.
for (const [name, command] of [
  ['tap-docebo', 'singer'],
  ['source-docebo', 'airbyte'],
]) {
  const program = `#!/usr/bin/env node\nprocess.argv.splice(2, 0, '${command}');\nrequire('./main.cjs');\n`;
  await writeFile(`dist/cli/${name}.cjs`, program, {mode: 0o755});
}
