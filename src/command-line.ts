import {resolve} from 'node:path';

/** Flags by name, as a user types them: a switch is true. */
export type Flags = Readonly<Record<string, string | number | true>>;

/** A command about a kept run that can be pasted into a shell in any folder. */
export function writeCommand(words: readonly string[], stateDir: string, flags: Flags = {}): string {
  return `docebo-ingest ${[...words.map(quoteForShell), writeFlags({'state-dir': resolve(stateDir), ...flags})].join(' ')}`;
}

export function writeFlags(flags: Flags): string {
  return Object.entries(flags)
    .map(([name, value]) => (value === true ? `--${name}` : `--${name} ${quoteForShell(String(value))}`))
    .join(' ');
}

function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
