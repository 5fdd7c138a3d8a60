import {readdir} from 'node:fs/promises';
import {messageOf, UsageError} from '../../errors.js';
import {listRuns} from '../../spool/runs.js';
import {chooseStateDir} from '../options/access.js';
import type {Args, runsOptions} from '../options/command-options.js';
import {print, printJson} from '../printing/print.js';
import {describeRun, formatRuns} from '../printing/print-runs.js';

export async function showRuns(args: Args<typeof runsOptions>): Promise<void> {
  const stateDir = chooseStateDir(args);
  await lookInto(stateDir, {mayBeMissing: args.stateDir === undefined});
  const runs = (await listRuns(stateDir)).map(describeRun);
  await (args.json ? printJson(runs) : print(formatRuns(runs)));
}

/** Throws UsageError if the folder cannot be read: an empty list would say that no run has left anything. */
async function lookInto(stateDir: string, {mayBeMissing}: {mayBeMissing: boolean}): Promise<void> {
  try {
    await readdir(stateDir);
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (isMissing && mayBeMissing) return;
    const said = isMissing ? 'does not exist' : `cannot be read: ${messageOf(cause)}`;
    throw new UsageError(`The state folder ${stateDir} ${said}.`, {cause});
  }
}
