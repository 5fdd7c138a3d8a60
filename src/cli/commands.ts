import type {ArgumentsCamelCase, Argv, Options} from 'yargs';
import {
  airbyteOptions,
  captureOptions,
  checkOptions,
  demoOptions,
  emulatorOptions,
  type Flags,
  ingestOptions,
  loadOptions,
  lookupOptions,
  planOptions,
  reportsOptions,
  runsOptions,
  schemaOptions,
  singerOptions,
  tablesOptions,
} from './options/command-options.js';
import {unguardArgument} from './options/guard-argument.js';

interface Declaration {
  readonly name: string;
  readonly alias?: string;
  readonly describe: string;
  readonly options: Readonly<Record<string, Options>>;
  /** The one argument that it takes besides flags. */
  readonly argument?: {readonly name: string; readonly what: string; readonly description: string};
}

export interface Command extends Declaration {
  /** `hidden`: leaves its flags out of help. */
  readonly addTo: (cli: Argv, hidden: boolean) => Argv;
}

/** The commands. The code of each is loaded only when it is called, so that help and errors in flags appear at once. */
export const commands: readonly Command[] = [
  declare({
    name: 'ingest',
    alias: 'run',
    describe: 'Load tables from Docebo into your database',
    options: ingestOptions,
    run: async args => (await import('./commands/ingest.js')).runIngest(args),
  }),
  declare({
    name: 'tables',
    describe: 'List the tables that can be ingested',
    options: tablesOptions,
    run: async args => (await import('./commands/tables.js')).listTables(args),
  }),
  declare({
    name: 'schema',
    argument: {name: 'table', what: 'a table', description: 'Name of the table.'},
    describe: 'Show the columns of a table',
    options: schemaOptions,
    run: async args => (await import('./commands/tables.js')).showSchema(args),
  }),
  declare({
    name: 'check',
    describe: 'Ask for one page of every table and say which the credential can read',
    options: checkOptions,
    run: async args => (await import('./commands/check.js')).runCheck(args),
  }),
  declare({
    name: 'capture',
    describe: 'Ask for one page of every table and write its shape, without anything of the tenant, into a folder',
    options: captureOptions,
    run: async args => (await import('./commands/capture.js')).runCapture(args),
  }),
  declare({
    name: 'plan',
    describe: 'Ask for one page of every table and say how many calls and minutes reading all of them takes',
    options: planOptions,
    run: async args => (await import('./commands/plan.js')).runPlan(args),
  }),
  declare({
    name: 'reports',
    describe: "List the tenant's reports, each of which can be ingested as a table",
    options: reportsOptions,
    run: async args => (await import('./commands/reports.js')).showReports(args),
  }),
  declare({
    name: 'lookup',
    argument: {name: 'text', what: 'a text', description: 'Part of a name, a username or an email, or an id.'},
    describe: 'List the users who hold a text',
    options: lookupOptions,
    run: async args => (await import('./commands/lookup.js')).runLookup(args),
  }),
  declare({
    name: 'runs',
    describe: 'List the runs whose records are kept, to be resumed or loaded, and what merges build on',
    options: runsOptions,
    run: async args => (await import('./commands/runs.js')).showRuns(args),
  }),
  declare({
    name: 'load',
    argument: {name: 'run', what: 'a run', description: 'Load id of the run, or last; docebo-ingest runs lists them.'},
    describe: 'Publish what a run has read, without asking Docebo again',
    options: loadOptions,
    run: async args => (await import('./commands/load.js')).runLoad(args),
  }),
  declare({
    name: 'singer',
    describe: 'Send tables to a Singer target, as a tap',
    options: singerOptions,
    run: async args => (await import('./commands/singer.js')).runSinger(args),
  }),
  declare({
    name: 'airbyte',
    argument: {name: 'action', what: 'an action', description: 'spec, check, discover or read.'},
    describe: 'Send tables to an Airbyte destination, as a source',
    options: airbyteOptions,
    run: async args => (await import('./commands/airbyte.js')).runAirbyte(args),
  }),
  declare({
    name: 'emulator',
    describe: 'Serve an invented Docebo tenant on loopback',
    options: emulatorOptions,
    run: async args => (await import('./commands/emulator.js')).serveEmulator(args),
  }),
  declare({
    name: 'demo',
    describe: 'Load an invented tenant into docebo-demo.duckdb and ask it five questions',
    options: demoOptions,
    run: async args => (await import('./commands/demo.js')).runDemo(args),
  }),
];

function declare<O extends Readonly<Record<string, Options>>, A extends string = never>(
  command: Declaration & {
    readonly options: O;
    readonly argument?: {readonly name: A};
    readonly run: (args: ArgumentsCamelCase<Flags<O> & Readonly<Record<A, string>>>) => Promise<void>;
  },
): Command {
  const {name, alias = [], describe, options, argument, run} = command;
  const withArgument = (cli: Argv) =>
    argument === undefined
      ? cli
      : cli.positional(argument.name, {
          type: 'string',
          demandOption: true,
          description: argument.description,
          coerce: unguardArgument,
        });
  return {
    ...command,
    addTo: (cli, hidden) =>
      cli.command({
        command: argument === undefined ? name : `${name} <${argument.name}>`,
        aliases: alias,
        describe,
        builder: own => withArgument(own).options(hidden ? hide(options) : options),
        handler: run,
      }),
  };
}

function hide<O extends Readonly<Record<string, Options>>>(options: O): O {
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, {...option, hidden: true}])) as O;
}
