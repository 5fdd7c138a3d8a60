/** An argument that yargs does not take for a flag: a text to look for may begin with a dash. */
export function guardArgument(word: string): string {
  return word.replace(/^[-\\]/, '\\$&');
}

/** What was guarded. */
export function unguardArgument(word: string): string {
  return word.replace(/^\\/, '');
}
