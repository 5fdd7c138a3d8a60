import {createReadStream} from 'node:fs';
import {open, rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows, withDuckdb} from '../../engine/duckdb.js';
import {inMemory} from '../../engine/open.js';
import {quoteText} from '../../engine/quote.js';
import {type Sql, sql} from '../../engine/sql.js';
import type {Staged} from '../../engine/stage.js';
import {DestinationError} from '../../errors.js';
import {metadataProperties, type Property, toProperties, toProperty} from '../../json-schema.js';
import {isSystemError} from '../../local-paths.js';
import {describeEvolved} from '../describe-table.js';
import type {Load, Published, PublishOptions} from '../destination.js';
import {refuseFaulty} from '../faulty.js';
import {jsonLines, jsonl} from '../formats/jsonl.js';
import {formatColumns, type LineFormat} from '../formats/line-format.js';
import {writeLines} from '../formats/write-lines.js';
import {readingOf, refuseOlder} from '../older.js';
import {attemptEach, holdBack, isStaged, toPublished} from '../outcome.js';
import {refuseShrunken} from '../shrink.js';
import {withStaged} from '../with-staged.js';
import type {Bookmark, Bookmarks, Messages, Proved} from './dialect.js';
import {digestRows} from './digest-rows.js';

/** The brace that opens a row is part of its frame, because no column may be chosen. */
const members: LineFormat = {...jsonLines, lead: ({name}, i) => `${i === 0 ? '' : ','}${JSON.stringify(name)}:`};

/** The lines of a proved table, and what is said before and after them. */
interface Prepared extends Proved {
  readonly file: string;
}

/**
 * Makes the messages of every table, and sends those that hold together once all are proved: what was sent cannot be taken back. Rows wait in files, so
 * memory is bounded however slowly they are read.
 */
export async function publishAsMessages(
  messages: Messages,
  loads: readonly Load[],
  options: PublishOptions,
): Promise<readonly Published[]> {
  const prepared = new Map<Load, Prepared>();
  const files: string[] = [];
  try {
    const scratch = {workDir: options.workDir, lockTimeoutMs: 0, label: options.workDir};
    const version = nextVersion(messages.bookmarks);
    const outcomes = await withDuckdb(inMemory, scratch, async connection => {
      const attempted = await attemptEach(loads, options, async (load, index) => {
        const file = join(options.workDir, `${index}.messages`);
        files.push(file);
        return prepare(connection, messages, load, {...options, file, version}, each => prepared.set(load, each));
      });
      return holdBack(attempted, options);
    });
    await sendAll(
      messages,
      outcomes.filter(isStaged).flatMap(({load}) => prepared.get(load) ?? []),
    );
    return outcomes.map(outcome => toPublished(outcome));
  } catch (error) {
    throw nameFailure(options.workDir, error);
  } finally {
    await Promise.allSettled(files.map(file => rm(file, {force: true})));
  }
}

async function prepare(
  connection: DuckDBConnection,
  {dialect, streams, bookmarks}: Messages,
  load: Load,
  {file, version, ...options}: PublishOptions & {readonly file: string; readonly version: number},
  onPrepared: (prepared: Prepared) => void,
): Promise<Staged> {
  const {table} = load;
  const stream = streams.find(each => each.table === table);
  if (stream === undefined) throw new TypeError(`${table.name} is not among the streams.`);
  const before = Object.hasOwn(bookmarks, table.name) ? bookmarks[table.name] : undefined;
  const reading = readingOf(load, options.loadId);
  const standing = before && {loadId: before.load_id, readAtMs: Date.parse(before.read_at)};
  const notes = refuseOlder(load, standing, reading, options);
  // With these columns, because messages say when each row was read even if the rows do not.
  const told = await withStaged(
    connection,
    load,
    {...options, loadMetadata: true, earlier: null},
    async (staged, proved) => {
      refuseShrunken(table.name, before?.rows ?? 0, proved.rows, options);
      const columns = await formatColumns(connection, staged, members);
      const receivedAt = columns.find(({name}) => name === '_docebo_extracted_at')?.value ?? sql`'null'`;
      const isWanted = (column: string) =>
        stream.isChosen(column) && (options.loadMetadata || !Object.hasOwn(metadataProperties, column));
      const sentColumns = columns.filter(({name}) => isWanted(name));
      const digest = digestRows(sentColumns, proved.evolved, options);
      // The reader has all other rows as they are now, unless a clock was put back: then this reading may have received rows before that moment.
      const isReadAfter = (moment: string) => Date.parse(moment) < reading.readAtMs;
      const hasRest = stream.isIncremental && before?.digest === digest && isReadAfter(before.read_at);
      const since = hasRest && before.read_to !== null && isReadAfter(before.read_to) ? before.read_to : null;
      const {readTo, sent, where} = await countRows(connection, staged, since);
      // Created first for its mode: DuckDB would use the process's umask.
      await (await open(file, 'w', 0o600)).close();
      const {before: opening, after} = dialect.frame(stream, version, receivedAt);
      await writeLines(connection, staged, file, members, {
        columns: isWanted,
        ...(where !== undefined && {where}),
        before: `${opening}{`,
        after,
      });
      refuseFaulty(table.name, sent, await jsonl.findFault(connection, staged, file, sent));
      const bookmark = {
        load_id: options.loadId,
        version,
        rows: proved.rows,
        read_to: readTo ?? before?.read_to ?? null,
        read_at: new Date(reading.readAtMs).toISOString(),
        digest,
      };
      const properties = propertiesOf(load, proved, isWanted);
      onPrepared({stream, bookmark, properties, sent, file});
    },
  );
  return {...told, warnings: [...notes, ...told.warnings]};
}

/** Counts the rows to send, and says which these are if they are not all: those that were received after `since`. */
async function countRows(connection: DuckDBConnection, staged: Sql, since: string | null) {
  const where = since === null ? undefined : sql`_docebo_extracted_at > CAST(${quoteText(since)} AS TIMESTAMPTZ)`;
  const [row = []] = await queryRows(
    connection,
    sql`SELECT count(*) FILTER (WHERE ${where ?? sql`true`}),
          strftime(make_timestamp(max(epoch_us(_docebo_extracted_at))), '%Y-%m-%dT%H:%M:%S.%fZ') FROM ${staged}`,
  );
  return {sent: Number(row[0]), readTo: typeof row[1] === 'string' ? row[1] : null, where};
}

function nextVersion(bookmarks: Bookmarks): number {
  const versions = Object.values(bookmarks).map(({version}) => version + 1);
  return Math.max(Math.floor(Date.now() / 1000), ...versions);
}

/** What is known of the columns that are sent. */
function propertiesOf({table}: Load, {evolved}: Staged, isSent: (column: string) => boolean): Proved['properties'] {
  const all = new Map<string, Property>(Object.entries(toProperties(table)));
  for (const column of evolved) all.set(column.name, toProperty(column.kind, describeEvolved(column)));
  for (const [name, property] of Object.entries(metadataProperties)) all.set(name, property);
  return Object.fromEntries([...all].filter(([name]) => isSent(name)));
}

async function sendAll({dialect, write, bookmarks: earlier}: Messages, prepared: readonly Prepared[]): Promise<void> {
  const bookmarks: Record<string, Bookmark> = {...earlier};
  const say = async (said: readonly object[]) => write(said.map(each => `${JSON.stringify(each)}\n`).join(''));
  for (const each of prepared) {
    await say(dialect.begin(each));
    for await (const piece of createReadStream(each.file)) await write(piece);
    bookmarks[each.stream.table.name] = each.bookmark;
    await say(dialect.end(each, bookmarks));
  }
}

function nameFailure(folder: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  return new DestinationError(`The messages cannot wait in ${folder}: ${error.message}`, {
    hint: 'Free some space there, or choose another place for the state folder.',
    cause: error,
  });
}
