import packageJson from 'docebo-ingest/package.json' with {type: 'json'};
import yargs, {type Argv} from 'yargs';
import {IngestError, UsageError} from '../errors.js';
import {checkCommand} from './check.js';
import {demoCommand} from './demo.js';
import {emulatorCommand} from './emulator.js';
import {ingestCommand} from './ingest.js';
import {loadCommand} from './load.js';
import {planCommand} from './plan.js';
import {runsCommand} from './runs.js';
import {schemaCommand} from './schema.js';
import {tablesCommand} from './tables.js';

const helpHint = 'docebo-ingest --help lists the commands, docebo-ingest <command> --help its flags.';

/** Flags that every command understands. */
const globalOptions = {
  'env-file': {
    type: 'string',
    requiresArg: true,
    description: 'Read environment variables from this file; those already set win.',
  },
  debug: {type: 'boolean', default: false, description: 'Show debug messages, stacks and causes.'},
} as const;

/** The command line, configured but not parsed. */
export function createCli(argv: readonly string[]): Argv {
  const cli = yargs([...argv])
    .scriptName('docebo-ingest')
    .usage('$0 <command>\n\nEvery Docebo table in your own database: proved complete before it is published.')
    .command(ingestCommand)
    .command(tablesCommand)
    .command(schemaCommand)
    .command(checkCommand)
    .command(planCommand)
    .command(runsCommand)
    .command(loadCommand)
    .command(emulatorCommand)
    .command(demoCommand)
    .options(globalOptions)
    .group(['env-file', 'debug', 'help', 'version'], 'Everywhere:')
    .example("$0 ingest --source-uri 'docebo://?base_url=https://acme.docebosaas.com&client_id=…&client_secret=…'", '')
    .example('          --source-table users --dest-uri duckdb:///docebo.duckdb --dest-table dest.users', '')
    .epilogue('Every flag can be set as an environment variable too: --page-size is DOCEBO_INGEST_PAGE_SIZE.')
    .env('DOCEBO_INGEST')
    .parserConfiguration({'greedy-arrays': false, 'parse-numbers': false, 'unknown-options-as-args': true})
    .check(refuseUnknown)
    .check(refuseRepeats)
    .demandCommand(1, 'Say what to do: docebo-ingest <command>.')
    .strictCommands()
    .recommendCommands()
    .version(packageJson.version)
    .help()
    .locale('en')
    .exitProcess(false)
    .fail(fail);
  return cli.wrap(Math.min(120, process.stdout.columns ?? 100));
}

/** In place of yargs' own strict mode, which also refuses an environment variable that belongs to another command. */
function refuseUnknown({_: [, unknown]}: {readonly _: readonly (string | number)[]}): true {
  if (unknown !== undefined) throw new UsageError(`Unknown argument: ${unknown}`, {hint: helpHint});
  return true;
}

/** Of a flag that takes one value, a second one is a mistake: neither may win in silence. */
function refuseRepeats(args: Readonly<Record<string, unknown>>): true {
  const repeated = Object.keys(args).find(
    key => Array.isArray(args[key]) && !['_', 'source-table', 'sourceTable'].includes(key),
  );
  if (repeated !== undefined) throw new UsageError(`--${repeated} was given more than once.`);
  return true;
}

function fail(message: string | null, error: Error | undefined): never {
  if (error instanceof IngestError || (error !== undefined && error.name !== 'YError')) throw error;
  throw new UsageError(message ?? error?.message ?? 'The command line was not understood.', {hint: helpHint});
}
