import {readSettings} from '../source/settings.js';
import {defaultStateDir} from './state-dir.js';
import type {DoceboAccess} from './with-docebo.js';

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

/** What the flags say about the tenant and how to call it. Throws UsageError if the credentials are incomplete. */
export async function readAccess(args: AccessArgs): Promise<DoceboAccess & {readonly stateDir: string}> {
  const {sourceUri, maxRequestsPerHour, deadline, progress, quiet = false, debug = false} = args;
  const stateDir = args.stateDir ?? defaultStateDir(process.env);
  const settings = await readSettings({
    ...(sourceUri !== undefined && {sourceUri}),
    env: process.env,
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
