import {tables} from '../../../tables/index.js';
import {airbyte, type FailureType, traceError, traceStatus} from '../../destination/messages/airbyte.js';
import {exitCodes, IngestError, messageOf, UsageError} from '../../errors.js';
import {toJson} from '../../printable.js';
import type {Report, ReportedError} from '../../report.js';
import {checkTables} from '../../source/tables/check-tables.js';
import {readConfigured, readStates, writeAirbyteCatalog} from '../connectors/airbyte-catalog.js';
import {type Config, readConfig, readJsonFile} from '../connectors/read-config.js';
import {sendTables} from '../connectors/send.js';
import {configProperties, inConfig} from '../connectors/settings.js';
import {listStreams, readState, toBookmarks} from '../connectors/streams.js';
import {readAccess} from '../options/access.js';
import type {Args, airbyteOptions} from '../options/command-options.js';
import {listConcerns} from '../printing/list-concerns.js';
import {printMessages} from '../printing/print.js';
import {withDocebo} from '../progress/with-docebo.js';

type AirbyteArgs = Args<typeof airbyteOptions> & {readonly action: string};

/** A source as Airbyte's protocol has it. Every error is told as a message too, before it ends the command. */
export async function runAirbyte(args: AirbyteArgs): Promise<void> {
  try {
    const act = Object.hasOwn(actions, args.action) ? actions[args.action] : undefined;
    if (act === undefined)
      throw new UsageError(`airbyte does not know ${args.action}.`, {
        hint: `It does ${Object.keys(actions).join(', ')}.`,
      });
    await act(args);
  } catch (error) {
    // What became of each stream has been told; and nobody can be told who does not read any more.
    const isTold = error instanceof IngestError && error.code === 'E_UNPUBLISHED';
    if (!isTold) await say(traceError(explain(error), blame(error))).catch(() => undefined);
    throw error;
  }
}

const actions: Readonly<Record<string, (args: AirbyteArgs) => Promise<void>>> = {
  spec: async () => say({type: 'SPEC', spec: describeSpec()}),
  check: async args => say({type: 'CONNECTION_STATUS', connectionStatus: await check(args)}),
  discover: async args => {
    const {args: given} = await needConfig(args);
    const listed = listStreams(given.incrementalStrategy === 'merge');
    return say({type: 'CATALOG', catalog: writeAirbyteCatalog(listed, given.loadMetadata)});
  },
  read,
};

async function read(args: AirbyteArgs): Promise<void> {
  const {progress, quiet = false, debug = false} = args;
  const config = await needConfig(args);
  if (args.catalog === undefined) throw new UsageError('Say --catalog and a file.');
  const listed = listStreams(config.args.incrementalStrategy === 'merge');
  await sendTables({
    config,
    dialect: airbyte,
    streams: readConfigured(await readJsonFile('catalog', args.catalog), listed, config.args.loadMetadata),
    bookmarks: toBookmarks(readStates(await readState(args.state))),
    resume: args.resume,
    display: {progress, quiet, debug},
    onReport: async report => say(...tellOutcomes(report)),
  });
}

/** What became of the streams that sent no rows. */
function tellOutcomes(report: Report): readonly object[] {
  const concerns = listConcerns(report, {quiet: false}).map(({message}) => log('WARN', message));
  const outcomes = report.tables.flatMap(({table, absence, error}) => {
    if (absence !== undefined)
      return [
        log('WARN', `${table} is absent: ${absence}`),
        traceStatus(table, 'STARTED'),
        traceStatus(table, 'COMPLETE'),
      ];
    if (error === undefined) return [];
    const hint = error.hint === undefined ? '' : ` ${inConfig(error.hint)}`;
    return [
      traceStatus(table, 'STARTED'),
      traceError(`${error.message}.${hint}`, blame(error), table),
      traceStatus(table, 'INCOMPLETE'),
    ];
  });
  return [...concerns, ...outcomes];
}

function log(level: 'WARN', message: string) {
  return {type: 'LOG', log: {level, message}};
}

function describeSpec() {
  const properties = Object.entries(configProperties).map(([name, {isSecret, ...property}], order) => [
    name,
    {...property, order, ...(isSecret && {airbyte_secret: true})},
  ]);
  return {
    protocol_version: '0.18.0',
    supportsIncremental: true,
    supported_destination_sync_modes: [],
    connectionSpecification: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'Docebo',
      type: 'object',
      additionalProperties: false,
      required: ['base_url'],
      properties: Object.fromEntries(properties),
    },
  };
}

/** Whether any of the first tables can be read. A refusal is an answer, so it ends with 0 like any other. */
async function check(args: AirbyteArgs): Promise<{readonly status: string; readonly message?: string}> {
  const {progress, quiet = false, debug = false} = args;
  try {
    const {env, args: given} = await needConfig(args);
    const access = await readAccess({...given, progress, quiet, debug, sourceUri: undefined}, env);
    const asked = tables.filter(({name}) => name === 'users' || name === 'courses');
    const checks = await withDocebo(access, 'ask', async docebo => checkTables(docebo, asked));
    if (checks.some(({readable}) => readable)) return {status: 'SUCCEEDED'};
    const details = checks.map(({table, detail}) => `${table}: ${detail}`);
    return {status: 'FAILED', message: `Neither users nor courses can be read. ${details.join('; ')}`};
  } catch (error) {
    if (error instanceof IngestError) return {status: 'FAILED', message: explain(error)};
    throw error;
  }
}

async function needConfig({config}: AirbyteArgs): Promise<Config> {
  if (config === undefined)
    throw new UsageError('Say --config and a file.', {hint: 'docebo-ingest airbyte spec says what it may hold.'});
  return readConfig(config);
}

function explain(error: unknown): string {
  const hint = error instanceof IngestError ? error.hint : undefined;
  return `${messageOf(error)}${hint === undefined ? '' : ` ${inConfig(hint)}`}`;
}

function blame(error: unknown): FailureType {
  if (!(error instanceof IngestError) && !isReported(error)) return 'system_error';
  const {exitCode, allowedBy} = error;
  const isLasting = 'isLasting' in error && error.isLasting === true;
  if (isLasting || allowedBy !== undefined) return 'config_error';
  if (exitCode === exitCodes.usage || exitCode === exitCodes.credentials) return 'config_error';
  const passes: readonly number[] = [exitCodes.unavailable, exitCodes.incomplete, exitCodes.interrupted];
  return passes.includes(exitCode) ? 'transient_error' : 'system_error';
}

function isReported(error: unknown): error is ReportedError {
  return typeof error === 'object' && error !== null && 'reason' in error && 'exitCode' in error;
}

async function say(...messages: readonly object[]): Promise<void> {
  await printMessages(messages.map(each => `${toJson(each)}\n`).join(''));
}
