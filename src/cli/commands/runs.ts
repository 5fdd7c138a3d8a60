import {readdir} from 'node:fs/promises';
import {defaultMerge} from '../../choices.js';
import {messageOf, UsageError} from '../../errors.js';
import {prune} from '../../prune.js';
import {listBases} from '../../spool/bases.js';
import {listRuns} from '../../spool/runs.js';
import {chooseStateDir} from '../options/access.js';
import type {Args, runsOptions} from '../options/command-options.js';
import {print, printJson} from '../printing/print.js';
import {describeBase, formatBases} from '../printing/print-bases.js';
import {describeRun, formatPruned, formatRuns} from '../printing/print-runs.js';

export async function showRuns(args: Args<typeof runsOptions>): Promise<void> {
  const {json, bases: isOfBases, maxAge, prune: isPruned} = args;
  if (isPruned && isOfBases) throw new UsageError('--prune and --bases do not go together.');
  if (maxAge !== undefined && !isPruned)
    throw new UsageError('--max-age would change nothing.', {hint: 'It says which bases --prune removes.'});
  const stateDir = chooseStateDir(args);
  await lookInto(stateDir, {mayBeMissing: args.stateDir === undefined});
  if (isPruned) {
    const {runs, bases, bytes} = await prune(stateDir, maxAge ?? defaultMerge.maxAgeMs);
    const pruned = {runs: runs.map(describeRun), bases: bases.map(describeBase), bytes};
    return json ? printJson(pruned) : print(formatPruned(pruned));
  }
  const bases = isOfBases || !json ? (await listBases(stateDir)).map(describeBase) : [];
  if (isOfBases) return json ? printJson(bases) : print(formatBases(bases));
  const runs = (await listRuns(stateDir)).map(describeRun);
  if (json) return printJson(runs);
  return print([formatRuns(runs), ...(bases.length === 0 ? [] : [formatBases(bases)])].join('\n'));
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
