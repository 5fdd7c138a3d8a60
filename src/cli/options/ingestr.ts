/** A flag of `ingestr ingest` that we do not have. */
export interface IngestrFlag {
  readonly takesValue: boolean;
  /** Whether it asks for what is done anyway or, if it takes a value, the values that do. */
  readonly accepts: boolean | readonly string[];
  /** The switch of ours that says the same. */
  readonly becomes?: string;
  /** Why it is accepted, why it does not apply, or what to use instead. */
  readonly says: string;
}

const mergesItself =
  '--incremental-strategy merge knows of each table how Docebo tells what has changed in it, and since when to ask';
const noInterval =
  'a window of changes would prove nothing about the rest of the table; --incremental-strategy merge finds the window itself, from what it read last';
const declared = 'columns, kinds and keys are declared, as docebo-ingest schema users shows';
const streaming = 'a run reads the tables once and ends; let cron repeat it';

/** Declared so that a command written for ingestr runs once its first word is changed, or says what stands in the way. */
export const ingestrFlags: Readonly<Record<string, IngestrFlag>> = {
  yes: accepted('nothing is asked'),
  'no-load-timestamp': {...accepted('the same as --no-load-metadata'), becomes: 'no-load-metadata'},
  'disable-prestaging': accepted('records always land in the state folder first'),
  'schema-naming': oneOf(['default', 'snake_case'], 'columns are named in snake_case'),
  'incremental-key': refused(mergesItself),
  'incremental-predicate': refused('a table is complete or not published, so none of its rows may be left as they are'),
  'interval-start': refused(noInterval),
  'interval-end': refused(noInterval),
  'primary-key': refused(declared),
  columns: refused(declared),
  'no-inference': refusedSwitch(declared),
  'sql-exclude-columns': refused('all columns are loaded; leave some out in a view on the table'),
  mask: refused('values are loaded as sent; mask them in a view on the table'),
  'trim-whitespace': refusedSwitch('text is loaded as sent; trim it in a view on the table'),
  'sql-limit': refused('a table is complete or not published; docebo-ingest emulator serves small ones to try'),
  'sql-backend': refused('Docebo is read over HTTP, without SQL'),
  'sql-reflection-level': refused('Docebo is read over HTTP, without SQL'),
  'partition-by': refused('tables in DuckDB have no partitions'),
  'cluster-by': refused('tables in DuckDB have no clustering'),
  'extract-partition-by': refused('lists are read page by page; --extract-parallelism says how many at once'),
  'extract-partition-interval': refused('lists are read page by page; --extract-parallelism says how many at once'),
  'loader-file-format': refused('--dest-uri chooses the format: parquet://folder, csv://folder or jsonl://folder'),
  'loader-file-size': refused('records land as JSON lines, whose size needs no choice'),
  'pipelines-dir': refused('use --state-dir'),
  'staging-bucket': refused('tables are staged beside their destination; use --state-dir to say where records land'),
  'staging-dataset': refused('tables are staged beside their destination, and nothing of that is left'),
  stream: refusedSwitch(streaming),
  'flush-interval': refused(streaming),
  'flush-records': refused(streaming),
  'metrics-addr': refused('use --progress json, and --json for the report'),
  'query-annotations': refused('nobody bills the queries of a file or of your own database'),
};

function accepted(says: string): IngestrFlag {
  return {takesValue: false, accepts: true, says};
}

function oneOf(values: readonly string[], says: string): IngestrFlag {
  return {takesValue: true, accepts: values, says};
}

function refused(says: string): IngestrFlag {
  return {takesValue: true, accepts: false, says};
}

function refusedSwitch(says: string): IngestrFlag {
  return {takesValue: false, accepts: false, says};
}

/** What README.md says of them: those that are accepted in a sentence, the others with the reason, one row for those that share it. */
export function describeIngestrFlags(): string {
  const flags = Object.entries(ingestrFlags);
  const accepted = flags.flatMap(([flag, {accepts}]) => {
    if (typeof accepts !== 'boolean') return accepts.map(value => `\`--${flag} ${value}\``);
    return accepts ? [`\`--${flag}\``] : [];
  });
  const reasons = new Set(flags.flatMap(([, {accepts, says}]) => (accepts === true ? [] : [says])));
  const rows = [...reasons].map(reason => {
    const names = flags.flatMap(([flag, {accepts, says}]) => {
      if (says !== reason || accepts === true) return [];
      return [typeof accepts === 'boolean' ? `\`--${flag}\`` : `\`--${flag}\` with another value`];
    });
    return `| ${names.join(', ')} | ${reason} |`;
  });
  return [
    `Accepted, since what they ask for is done anyway: ${accepted.join(', ')}. Refused:`,
    ['| Flag of ingestr | Because |', '|---|---|', ...rows].join('\n'),
  ].join('\n\n');
}
