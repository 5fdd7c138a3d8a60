import {writeCommand} from '../../command-line.js';
import {UsageError} from '../../errors.js';
import {type IngestrFlag, ingestrFlags} from './ingestr.js';
import {commandNames, commandsWith, everyFlag, findCommand, lookUp} from './known-flags.js';
import {findNearest, suggest} from './nearest.js';
import type {Options} from './option.js';
import {readSwitch} from './read-flag.js';
import {type Flag, helpHint, splitArguments, unknownFlag} from './split-arguments.js';

interface Arguments {
  /** Undefined only if help or the version of all is asked for. */
  readonly command: string | undefined;
  /** What the command takes besides flags. */
  readonly argument: string | undefined;
  readonly flags: readonly Flag[];
  /** What is asked for in place of running the command. */
  readonly asks: 'help' | 'version' | null;
}

/** Reads the command line. Throws UsageError for whatever it does not understand: an unknown flag, a switch set to 2, an empty value. */
export function readArguments(argv: readonly string[]): Arguments {
  const {flags, positions} = splitArguments(argv);
  const [first, ...rest] = positions;
  if (first === 'help') return readArguments([...rest.slice(0, 1), '--help']);
  const asks = (['help', 'version'] as const).find(name => flags.some(flag => flag.name === name));
  if (first !== undefined || asks === undefined) refuseUnknownCommand(first);
  if (asks !== undefined) return {command: first, argument: undefined, flags: [], asks};
  refuseSurplus(first, rest, flags);
  const ours = flags.flatMap(flag => translate(flag, findCommand(first)?.flags ?? everyFlag, first));
  refuseRepeats(ours);
  return {command: first, argument: rest[0], flags: ours, asks: null};
}

function refuseUnknownCommand(name: string | undefined): void {
  if (name === undefined) throw new UsageError('Say what to do: docebo-ingest <command>.', {hint: helpHint});
  if (findCommand(name) !== undefined) return;
  throw new UsageError(`Unknown command: ${name}.${suggest(findNearest(name, commandNames))}`, {hint: helpHint});
}

function refuseSurplus(name = '', given: readonly string[], flags: readonly Flag[]): void {
  const argument = findCommand(name)?.argument?.what;
  const [first, second] = given;
  if (argument !== undefined && (first === undefined || first.trim() === '')) {
    const stateDir = flags.find(flag => flag.name === 'state-dir')?.value;
    const runs = typeof stateDir === 'string' ? writeCommand(['runs'], stateDir) : 'docebo-ingest runs';
    const hint = `${argument === 'a run' ? runs : 'docebo-ingest tables'} lists them.`;
    throw new UsageError(`${name} needs the name of ${argument}.`, {hint});
  }
  const unknown = argument === undefined ? first : second;
  if (unknown !== undefined) throw new UsageError(`Unknown argument: ${unknown}.`, {hint: helpHint});
}

/** A flag as this command knows it; none if it asks for what is done anyway. Throws UsageError if the command does not have it. */
function translate(flag: Flag, known: Options, command = ''): readonly Flag[] {
  const {name} = flag;
  if (Object.hasOwn(known, name)) return [flag];
  const ingestr = lookUp(ingestrFlags, name);
  if (ingestr === undefined) {
    const hint = `It belongs to ${commandsWith(name).join(', ')}.`;
    throw new UsageError(`${command} has no flag --${name}.`, {hint});
  }
  if (!['ingest', 'run'].includes(command)) throw unknownFlag(`--${name}`);
  return accept(flag, ingestr);
}

function accept({name, value}: Flag, {accepts, becomes, says}: IngestrFlag): readonly Flag[] {
  const isAccepted = typeof accepts === 'boolean' ? accepts : accepts.includes(String(value));
  if (!isAccepted) throw new UsageError(`--${name} is a flag of ingestr that does not apply here: ${says}.`);
  if (becomes === undefined || (typeof value === 'string' && readSwitch(value) === false)) return [];
  return [{name: becomes.replace(/^no-/, ''), value: !becomes.startsWith('no-')}];
}

/** A second value for a flag that takes one is a mistake: neither may win in silence. */
function refuseRepeats(flags: readonly Flag[]): void {
  const seen = new Map<string, Flag['value']>();
  for (const {name, value} of flags) {
    const isSame = typeof value === 'boolean' && seen.get(name) === value;
    if (seen.has(name) && !isSame && !takesSeveral(name)) throw new UsageError(`--${name} was given more than once.`);
    seen.set(name, value);
  }
}

function takesSeveral(name: string): boolean {
  return everyFlag[name]?.type === 'array' || name === 'dotenv';
}
