import {rm} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {build} from 'rolldown';

/**
 * yargs lays its help out with packages that know every emoji and colour code. Their patterns take as long to compile as Node
 * takes to start, for texts that are plain.
 */
const plain = {
  'string-width': `export {displayWidth as default} from ${locate('src/cli/display-width.ts')}`,
  'wrap-ansi': `export {wrapText as default} from ${locate('src/cli/wrap-text.ts')}`,
  'strip-ansi': 'export default text => text',
};

const layPlainTextOut = {
  name: 'lay-plain-text-out',
  resolveId: (id, importer) =>
    id in plain && /node_modules\/(yargs|cliui)\//.test(importer?.replaceAll('\\', '/')) ? `\0${id}` : null,
  load: id => (id.startsWith('\0') ? plain[id.slice(1)] : null),
};

/** yargs lays the help out at the end of every command too, to show it should the command fail: ours never does. */
const skipUnaskedHelp = {
  name: 'skip-unasked-help',
  transform(code, id) {
    if (!/yargs[\\/]build[\\/]lib[\\/]command\.js$/.test(id)) return null;
    const unasked = 'yargs.getInternalMethods().getUsageInstance().cacheHelpMessage();';
    if (!code.includes(unasked)) throw new Error('yargs does not lay out help unasked any more: this plugin can go.');
    return code.replace(unasked, '');
  },
};

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
  plugins: [layPlainTextOut, skipUnaskedHelp],
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

function locate(path) {
  return JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
}
