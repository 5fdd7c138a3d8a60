import {rm} from 'node:fs/promises';
import {build} from 'rolldown';

// What an earlier build left would be packed too.
await rm('dist/cli', {recursive: true, force: true});

/**
 * The command in few files, so that it starts fast: loading some hundred modules takes five times as long as Node itself.
 * CommonJS, because ES modules take 4 ms longer. What a command does not need stays in chunks that it does not load.
 */
await build({
  input: {main: 'src/cli/main.ts'},
  platform: 'node',
  // ES modules where a package has both: what is made of CommonJS needs a runtime of its own, in a file more.
  resolve: {mainFields: ['module', 'main']},
  // A module that one command loads late may be one that another needs at once.
  checks: {ineffectiveDynamicImport: false},
  // Native: found by Node at run time.
  external: [/^@duckdb\//],
  // yargs asks for it where a configuration file extends another: there is none.
  transform: {define: {'import.meta.resolve': 'undefined'}},
  output: {
    dir: 'dist/cli',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    // What reads JSON byte by byte stays with the constants that it compares with: through a getter of another chunk it takes a fifth longer.
    codeSplitting: {groups: [{name: 'json', test: /src[\\/](json[\\/]|source[\\/]slice\.ts)/}]},
    // Names are kept: people report the stack of a bug.
    minify: {compress: {keepNames: {function: true, class: true}}, mangle: {keepNames: {function: true, class: true}}},
  },
});
