import yargs, {type Argv} from 'yargs';
import {IngestError, UsageError} from '../errors.js';
import {version} from '../version.js';
import {commands} from './commands.js';
import {globalOptions} from './options/option-groups.js';
import {helpHint} from './options/split-arguments.js';

/** Configures the parser for what `readArguments` and `readEnvironment` found, without parsing it. */
export function createCli(argv: readonly string[], settings: Readonly<Record<string, string | boolean>> = {}): Argv {
  const cli = yargs([...argv]);
  // yargs lays out help for every command that it runs, even if nobody asks for it. That takes as long as Node takes to start.
  const isUnasked = !argv.includes('--help');
  for (const {addTo} of commands) addTo(cli, isUnasked);
  cli
    .scriptName('docebo-ingest')
    .usage('$0 <command>\n\nEvery Docebo table in your own database: proved complete before it is published.')
    .options(globalOptions)
    .group(['help', 'version'], 'Everywhere:')
    .example("$0 ingest --source-uri 'docebo://?base_url=https://acme.docebosaas.com&client_id=…&client_secret=…'", '')
    .example('          --source-table users --dest-uri duckdb:///lms.duckdb --dest-table docebo.users', '')
    .epilogue('Every flag can be set as an environment variable too: --page-size is DOCEBO_INGEST_PAGE_SIZE.')
    .config(settings)
    .parserConfiguration({'greedy-arrays': false, 'parse-numbers': false})
    .version(version)
    .help()
    .locale('en')
    .exitProcess(false)
    .fail(fail);
  return cli.wrap(Math.min(120, process.stdout.columns ?? 100));
}

function fail(message: string | null, error: Error | undefined): never {
  if (error instanceof IngestError || (error !== undefined && error.name !== 'YError')) throw error;
  const missing = /^Missing required arguments?: (.*)$/.exec(message ?? '')?.[1]?.split(', ');
  if (missing !== undefined)
    throw new UsageError(`Say ${missing.map(name => `--${name}`).join(' and ')}.`, {hint: helpHint});
  throw new UsageError(message ?? error?.message ?? 'The command line was not understood.', {hint: helpHint});
}
