import {resolve} from 'node:path';
import {defaultStateDir} from '../../local-paths.js';
import {leaveOutOtherTenant, readSettings} from '../../source/settings.js';
import type {DoceboAccess} from '../progress/with-docebo.js';

/** As yargs gives `sourceOptions`, `callOptions`, `deadlineOptions` and `progressOptions`. */
interface AccessArgs {
  readonly sourceUri: string | undefined;
  readonly allowHttp: boolean;
  readonly pageSize: number;
  readonly extractParallelism: number;
  readonly maxRequestsPerHour: number | undefined;
  readonly maxPageBytes: number;
  readonly connectTimeout: number;
  readonly requestTimeout: number;
  readonly idleTimeout: number;
  readonly stateDir: string | undefined;
  readonly deadline?: number | undefined;
  readonly progress: 'interactive' | 'log' | 'json' | undefined;
  readonly quiet?: boolean | undefined;
  readonly debug?: boolean | undefined;
}

/** Variables such as DOCEBO_CLIENT_ID. */
export type Environment = Readonly<Record<string, string>>;

/** What the flags, and the variables that `config` sets, say about the tenant and how to call it. Throws UsageError if the credentials are incomplete. */
export async function readAccess(
  args: AccessArgs,
  config?: Environment,
): Promise<DoceboAccess & {readonly stateDir: string}> {
  const {sourceUri, maxRequestsPerHour, deadline, progress, quiet = false, debug = false} = args;
  const stateDir = chooseStateDir(args);
  const settings = await readSettings({
    ...(sourceUri !== undefined && {sourceUri}),
    // What the config leaves out may still be in variables.
    env: config === undefined ? process.env : {...leaveOutOtherTenant(process.env, config), ...config},
    ...(config !== undefined && {writtenIn: 'the config'}),
    allowHttp: args.allowHttp,
  });
  return {
    settings,
    stateDir,
    display: {progress, quiet, debug},
    options: {
      pageSize: args.pageSize,
      parallelism: args.extractParallelism,
      maxPageBytes: args.maxPageBytes,
      connectTimeoutMs: args.connectTimeout * 1000,
      headersTimeoutMs: args.requestTimeout * 1000,
      bodyTimeoutMs: args.idleTimeout * 1000,
      stateDir,
      ...(maxRequestsPerHour !== undefined && {maxRequestsPerHour}),
      ...(deadline !== undefined && {deadlineMs: deadline}),
    },
  };
}

/**
 * The folder for runs under way, as an absolute path: a join would turn `./~x` into `~x`, which DuckDB takes for somebody's home folder. Throws
 * UsageError if nothing says where it is.
 */
export function chooseStateDir({stateDir}: {readonly stateDir: string | undefined}): string {
  return stateDir === undefined ? defaultStateDir() : resolve(stateDir);
}
