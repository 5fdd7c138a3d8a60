import {exitCodes} from '../errors.js';
import {createCli} from './cli.js';
import {loadDotenvFiles, readEnvironment} from './options/environment.js';
import {type Outlet, readOutlet} from './options/outlet.js';
import {readArguments} from './options/read-arguments.js';
import {explainError} from './printing/explain-error.js';
import {hasPrinted, printJson, tellEnd, tellLine, tellLines} from './printing/print.js';
import {stopEarly} from './progress/interrupt.js';

/** Runs one command line and gives the exit code. The only place where an error ends up. */
export async function main(argv: readonly string[]): Promise<number> {
  // DuckDB makes its write-ahead log itself, and would let others read it.
  process.umask(0o077);
  // `print` reports what cannot be written to stdout. Nobody can be told of what cannot be written to stderr, so it is ignored.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  stopEarly(error => {
    void endBadly(error, readOutlet(argv, process.env)).finally(() => process.exit(exitCodes.interrupted));
  });
  // Node would print everything that such an error holds.
  process.once('uncaughtException', error => {
    void endBadly(error, readOutlet(argv, process.env)).finally(() => process.exit(exitCodes.bug));
  });
  try {
    const {words, command, dotenvFiles} = readArguments(argv);
    const warnings = loadDotenvFiles(dotenvFiles);
    const {quiet, events} = readOutlet(argv, process.env);
    if (!quiet && warnings.length > 0) {
      // Loaded late, since what lays out lines takes as long to load as all that help needs.
      const {tellWarning} = await import('./printing/tell-warning.js');
      for (const message of warnings) tellWarning(events ? 'json' : undefined, {table: null, message});
    }
    await createCli(words, readEnvironment(process.env, command)).parseAsync();
    const exitCode = Number(process.exitCode ?? exitCodes.ok);
    if (events) tellEnd({exitCode});
    return exitCode;
  } catch (error) {
    return endBadly(error, readOutlet(argv, process.env));
  }
}

async function endBadly(error: unknown, {json, events, debug}: Outlet): Promise<number> {
  const {details, line, told} = explainError(error, {debug});
  if (json && !hasPrinted()) await printJson(told).catch(() => undefined);
  if (events) {
    tellEnd({...told, ...(details !== '' && {details})});
  } else {
    if (details !== '') tellLines(details);
    tellLine(line);
  }
  return told.exitCode;
}
