/** The name that was most likely meant; undefined if none is close. */
export function findNearest(word: string, names: readonly string[]): string | undefined {
  const most = Math.max(2, Math.floor(word.length / 3));
  const near = names
    .map(name => ({name, edits: countEdits(word.toLowerCase(), name)}))
    .filter(({name, edits}) => edits <= most && edits < Math.min(word.length, name.length));
  return near.sort((one, other) => one.edits - other.edits)[0]?.name;
}

/** Letters to put in, take out or replace (Levenshtein). */
export function countEdits(from: string, to: string): number {
  let row = Array.from({length: to.length + 1}, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= to.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (to[at - 1] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** For the end of a sentence that refuses a name. */
export function suggest(name: string | undefined): string {
  return name === undefined ? '' : ` Did you mean ${name}?`;
}
