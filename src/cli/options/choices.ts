import {tables} from '../../../tables/index.js';
import {type Accepted, defaultMerge, type MergeChoices, type PublishChoices} from '../../choices.js';
import {UsageError} from '../../errors.js';
import {findTable} from './select-tables.js';

/** As yargs gives `publishOptions`: undefined if a flag was not given and has no default. */
export interface PublishArgs {
  readonly schemaContract: 'evolve' | 'discard_value' | 'discard_row' | 'freeze' | undefined;
  readonly invalidDates: 'epoch' | 'null' | undefined;
  readonly onCastError: 'null' | 'fail' | undefined;
  readonly loadMetadata: boolean | undefined;
  readonly reportTypes: 'infer' | 'text' | undefined;
  readonly publish: 'per-table' | 'all-or-nothing' | undefined;
  readonly maxShrink: number | undefined;
  readonly allowEmpty: boolean | undefined;
  readonly allowRouteChange: boolean | undefined;
  readonly accept: Accepted | undefined;
  readonly customFields: 'id' | 'title' | undefined;
}

/** What the flags say about publishing or, where they say nothing, what was chosen before. */
export function readChoices(args: PublishArgs, before: PublishChoices): PublishChoices {
  const {cast} = before;
  return {
    cast: {
      invalidDates: args.invalidDates ?? cast.invalidDates,
      onCastError: args.onCastError ?? cast.onCastError,
      schemaContract: args.schemaContract ?? cast.schemaContract,
      loadMetadata: args.loadMetadata ?? cast.loadMetadata,
      reportTypes: args.reportTypes ?? cast.reportTypes ?? 'infer',
    },
    allOrNothing: args.publish === undefined ? before.allOrNothing : args.publish === 'all-or-nothing',
    maxShrinkPercent: args.maxShrink ?? before.maxShrinkPercent,
    allowEmpty: args.allowEmpty ?? before.allowEmpty,
    allowRouteChange: args.allowRouteChange ?? before.allowRouteChange,
    customFields: args.customFields ?? before.customFields ?? 'id',
    accept: args.accept === undefined ? before.accept : nameTables(args.accept),
  };
}

/** As yargs gives `mergeOptions`. */
export interface MergeArgs {
  readonly incrementalStrategy: 'replace' | 'merge';
  readonly lookback: number | undefined;
  readonly maxAge: number | undefined;
  readonly audit: number | undefined;
  readonly fullRefresh: boolean;
}

/** What the flags say about merging; nothing if tables are replaced. Throws UsageError for flags that would then be ignored in silence. */
export function readMerge({incrementalStrategy, lookback, maxAge, audit, fullRefresh}: MergeArgs): {
  readonly merge?: MergeChoices;
  readonly fullRefresh: boolean;
} {
  if (incrementalStrategy === 'merge') {
    const {lookbackMs, maxAgeMs, auditPages} = defaultMerge;
    const merge = {
      lookbackMs: lookback ?? lookbackMs,
      maxAgeMs: maxAge ?? maxAgeMs,
      auditPages: audit ?? auditPages,
    };
    return {merge, fullRefresh};
  }
  const given = Object.entries({'--lookback': lookback, '--max-age': maxAge, '--audit': audit})
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => flag);
  if (given.length === 0) return {fullRefresh};
  throw new UsageError(`${given.join(', ')} would change nothing: tables are replaced, not merged.`, {
    hint: 'Add --incremental-strategy merge.',
  });
}

/** Tables may be named by an alias. Throws UsageError for a name that no table has. */
function nameTables(accept: Accepted): Accepted {
  return Object.fromEntries(Object.entries(accept).map(([name, faults]) => [findTable(tables, name).name, faults]));
}
