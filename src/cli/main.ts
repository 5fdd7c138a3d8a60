#!/usr/bin/env node
import module from 'node:module';
import {exitCodes} from '../errors.js';

/** Node 22 can keep compiled code between runs. All that is loaded after this profits: half of the time that a command takes to start is compiling. */
const enableCompileCache: unknown = Reflect.get(module, 'enableCompileCache');
if (typeof enableCompileCache === 'function') enableCompileCache();

let ended = false;
process.once('beforeExit', () => {
  if (ended) return;
  process.stderr.write('docebo-ingest: this is a bug: the command stopped before its end; please report it.\n');
  process.exitCode = exitCodes.bug;
});

void start().then(exitCode => {
  ended = true;
  process.exitCode = exitCode;
  // By itself Node removes the signal listeners first, and another signal would then end it without this exit code.
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
});

async function start(): Promise<number> {
  const {main} = await import('./run.js');
  return main(process.argv.slice(2));
}
