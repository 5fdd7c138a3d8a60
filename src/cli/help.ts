import {type Command, commands} from './commands.js';
import type {Option, Options} from './options/option.js';
import {globalOptions} from './options/option-groups.js';
import {widthOf, wrap} from './printing/format.js';

const name = 'docebo-ingest';

const everywhere: Options = {
  ...globalOptions,
  help: {type: 'boolean', group: 'Everywhere:', description: 'Show this help.'},
  version: {type: 'boolean', group: 'Everywhere:', description: 'Show the version.'},
};

/** What `--help` prints without a command. */
export function describeCommands(width = widthOf()): string {
  const lines = commands.map(command => [signatureOf(command), describe(command)] as const);
  return [
    `${name} <command>`,
    'Every Docebo table in your own database: proved complete before it is published.',
    list('Commands:', lines, width),
    ...listOptions(everywhere, width),
    [
      'Example:',
      `  ${name} ingest --source-table users --dest-uri duckdb:///lms.duckdb --dest-table docebo.users \\`,
      "    --source-uri 'docebo://?base_url=https://acme.docebosaas.com&client_id=…&client_secret=…'",
    ].join('\n'),
    wrap('Every flag can be set as an environment variable too: --page-size is DOCEBO_INGEST_PAGE_SIZE.', width),
  ].join('\n\n');
}

/** What `--help` prints with a command. */
export function describeCommand(command: Command, width = widthOf()): string {
  const {argument, options} = command;
  return [
    signatureOf(command),
    wrap(describe(command), width),
    ...(argument === undefined ? [] : [list('Argument:', [[argument.name, argument.description]], width)]),
    ...listOptions({...options, ...everywhere}, width),
  ].join('\n\n');
}

function signatureOf({name: command, argument}: Command): string {
  return [name, command, ...(argument === undefined ? [] : [`<${argument.name}>`])].join(' ');
}

function describe({describe: said, alias}: Command): string {
  return alias === undefined ? `${said}.` : `${said}; also called ${alias}.`;
}

/** One list for each heading, in the order in which these first occur. */
function listOptions(options: Options, width: number): readonly string[] {
  const groups = new Set(Object.values(options).map(({group = ''}) => group));
  return [...groups].map(group => {
    const members = Object.entries(options).filter(([, option]) => option.group === group);
    return list(
      group,
      members.map(([flag, option]) => [`--${flag}`, [option.description, ...tellValues(option)].join(' ')]),
      width,
    );
  });
}

function tellValues({choices, default: value, demandOption}: Option): readonly string[] {
  const told = [
    ...(choices === undefined ? [] : [`one of ${choices.join(', ')}`]),
    ...(demandOption === true ? ['required'] : []),
    ...(value === undefined || value === false ? [] : [`default: ${value}`]),
  ];
  return told.length === 0 ? [] : [`[${told.join('; ')}]`];
}

/** Terms on the left, what they mean on the right. */
function list(heading: string, entries: readonly (readonly [term: string, meaning: string])[], width: number): string {
  const column = Math.max(...entries.map(([term]) => term.length)) + 4;
  const lines = entries.flatMap(([term, meaning]) =>
    wrap(meaning, width - column)
      .split('\n')
      .map((line, i) => (i === 0 ? `  ${term}` : '').padEnd(column) + line),
  );
  return [heading, ...lines].join('\n');
}
