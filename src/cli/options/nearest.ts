import {distance} from 'fastest-levenshtein';

/** The name that was most likely meant; undefined if none is close. */
export function findNearest(word: string, names: readonly string[]): string | undefined {
  const most = Math.max(2, Math.floor(word.length / 3));
  const near = names
    .map(name => ({name, edits: distance(word.toLowerCase(), name)}))
    .filter(({name, edits}) => edits <= most && edits < Math.min(word.length, name.length));
  return near.sort((one, other) => one.edits - other.edits)[0]?.name;
}

/** For the end of a sentence that refuses a name. */
export function suggest(name: string | undefined): string {
  return name === undefined ? '' : ` Did you mean ${name}?`;
}
