import {type Flags, writeCommand, writeFlags} from '../../command-line.js';
import {exitCodes} from '../../errors.js';
import type {Report, TableReport} from '../../report.js';
import {formatCounted} from './counts.js';
import {groupNames} from './names.js';

interface Failure {
  readonly message: string;
  readonly hint: string;
}

/** The command that failed, and where it keeps its records. */
export interface FailedRun {
  readonly command: 'ingest' | 'load' | 'singer' | 'airbyte';
  /** Absolute. */
  readonly stateDir: string;
}

/** Why a run did not publish all its tables, and what to do next. */
export function explainFailure({tables, resumable, loadId}: Report, failed: FailedRun): Failure {
  const kept = tables.filter(({error}) => error !== undefined);
  const standing = kept.some(({status}) => status === 'kept') ? ', the earlier version is kept' : '';
  const names = nameWithReasons(kept);
  const message = tables.every(({status}) => status !== 'published')
    ? `Nothing was published, every table is as it was: ${names}.`
    : `${kept.length} of ${formatCounted(tables.length, 'table')} not published${standing}: ${names}.`;
  const hints = new Set(kept.map(({error}) => error?.hint).filter(text => text !== undefined));
  const next = sayHowToGoOn(kept, resumable ? loadId : undefined, failed);
  return {message, hint: [...[...hints].slice(0, mostHints), ...next].join(' ')};
}

/** More would hide what comes last. */
const [mostReasons, longestReason, mostHints] = [3, 160, 2];

/** `users, groups (Docebo answered 403: Forbidden); courses (10 records are missing)`. */
function nameWithReasons(kept: readonly TableReport[]): string {
  const reasons = kept.map(({table, error}) => [(error?.reason ?? '').replace(`${table}: `, ''), table] as const);
  return [...groupNames(reasons)]
    .map(([reason, tables], index) =>
      reason === '' || index >= mostReasons ? tables.join(', ') : `${tables.join(', ')} (${shorten(reason)})`,
    )
    .join('; ');
}

function shorten(reason: string): string {
  const plain = reason.replace(/\.$/, '');
  return plain.length > longestReason ? `${plain.slice(0, longestReason)}…` : plain;
}

/**
 * A table that was not read to its end has no route in the report; any other can be loaded without a call, unless it would be refused again.
 */
function sayHowToGoOn(
  kept: readonly TableReport[],
  loadId: string | undefined,
  {command, stateDir}: FailedRun,
): readonly string[] {
  const worthwhile = kept.filter(({error}) => error?.isLasting !== true);
  if (worthwhile.length === 0) return [];
  if (loadId === undefined) return ['Run the same command again.'];
  if (worthwhile.some(({route}) => route === null)) {
    return command !== 'load'
      ? [`The same command with --resume ${loadId} asks only for what is missing.`]
      : [
          `The ingest command of that run asks only for what is missing, with ${writeFlags({resume: loadId, 'state-dir': stateDir})}`,
        ];
  }
  const flags = mergeFlags(worthwhile.map(({error}) => error?.allowedBy ?? {}));
  const isAllowed = Object.keys(flags).length > 0;
  if (command === 'load') return isAllowed ? [`The same command with ${writeFlags(flags)} allows it.`] : [];
  const isLoadable = isAllowed || worthwhile.some(({error}) => error?.exitCode === exitCodes.destination);
  if (!isLoadable) return ['Run the same command again.'];
  return command === 'ingest'
    ? [`What was read is kept: ${writeCommand(['load', loadId], stateDir, flags)}`]
    : [`What was read is kept: the same command with --resume ${loadId}${inConfig(flags)} sends it.`];
}

/** These commands take no flags about publishing. */
function inConfig(flags: Flags): string {
  const settings = Object.entries(flags).map(
    ([flag, value]) => `"${flag.replaceAll('-', '_')}": ${JSON.stringify(value)}`,
  );
  return settings.length === 0 ? '' : ` and ${settings.join(', ')} in its config`;
}

/** Of two numbers the higher allows both. */
function mergeFlags(each: readonly Flags[]): Flags {
  const merged: Record<string, Flags[string]> = {};
  for (const [name, value] of each.flatMap(flags => Object.entries(flags))) {
    const before = merged[name];
    merged[name] = typeof before === 'number' && typeof value === 'number' ? Math.max(before, value) : value;
  }
  return merged;
}
