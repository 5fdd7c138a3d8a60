import {commandNames, findCommand} from './known-flags.js';
import {readSwitch} from './read-flag.js';

/** How a command is reported beside what it does, known even if its flags are wrong. */
export interface Outlet {
  /** An error is an object on stdout too. */
  readonly json: boolean;
  /** Every line on stderr is an object. */
  readonly events: boolean;
  readonly debug: boolean;
  /** No warnings. */
  readonly quiet: boolean;
}

export function readOutlet(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Outlet {
  const isOn = (name: string) => {
    const [on, off] = [`--${name}`, `--no-${name}`];
    const given = argv.findLast(word => word === on || word === off || word.startsWith(`${on}=`));
    if (given === on || given === off) return given === on;
    return readSwitch(given?.slice(on.length + 1) ?? env[variable(name)] ?? '') === true;
  };
  const at = argv.lastIndexOf('--progress');
  const progress =
    at < 0 ? argv.findLast(word => word.startsWith('--progress='))?.slice('--progress='.length) : argv[at + 1];
  return {
    json: isOn('json') && !isUnknown(argv, 'json'),
    debug: isOn('debug'),
    quiet: isOn('quiet'),
    events: (progress ?? (showsProgress(argv) ? env[variable('progress')] : undefined)) === 'json',
  };
}

function showsProgress(argv: readonly string[]): boolean {
  return findFlags(argv)?.['progress'] !== undefined;
}

/** Whether the command does not have the flag: a variable of that name is then not for it. */
function isUnknown(argv: readonly string[], flag: string): boolean {
  const flags = findFlags(argv);
  return flags !== undefined && !(flag in flags);
}

function findFlags(argv: readonly string[]) {
  return findCommand(argv.find(word => commandNames.includes(word)))?.flags;
}

function variable(name: string): string {
  return `DOCEBO_INGEST_${name.toUpperCase()}`;
}
