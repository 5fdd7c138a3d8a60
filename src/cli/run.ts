import {exitCodes} from '../errors.js';
import {createCli} from './cli.js';
import {explainError} from './explain-error.js';
import {loadEnvFiles} from './load-env-files.js';

/** Runs one command line and gives the exit code. The only place where an error ends up. */
export async function main(argv: readonly string[]): Promise<number> {
  // DuckDB makes its write-ahead log itself, and would let others read it.
  process.umask(0o077);
  surviveClosedPipe(process.stdout);
  surviveClosedPipe(process.stderr);
  try {
    loadEnvFiles(argv);
    await createCli(argv).parseAsync();
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    const {text, exitCode} = explainError(error, {debug: argv.includes('--debug')});
    process.stderr.write(text);
    return exitCode;
  }
}

/** `docebo-ingest tables | head -1` closes the pipe early; that is the reader's right. */
function surviveClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
