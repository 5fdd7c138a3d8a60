#!/usr/bin/env node
import module from 'node:module';
import {exitCodes} from '../errors.js';
import {main} from './run.js';

/** Node 22 can keep compiled code between runs, which helps with the chunks that a command loads. */
const enableCompileCache: unknown = Reflect.get(module, 'enableCompileCache');
if (typeof enableCompileCache === 'function') enableCompileCache();

let ended = false;
process.once('beforeExit', () => {
  if (ended) return;
  process.stderr.write('docebo-ingest: this is a bug: the command stopped before its end; please report it.\n');
  process.exitCode = exitCodes.bug;
});

void main(process.argv.slice(2)).then(exitCode => {
  ended = true;
  process.exitCode = exitCode;
  // By itself Node removes the signal listeners first, and another signal would then end it without this exit code.
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
});
