import type {Target} from './destination.js';

/** Name of a table's file: `users.jsonl`, `dest.users.jsonl`. */
export function fileName({schema, name}: Target): string {
  const names = schema === null ? [name] : [schema, name];
  return `${names.map(encode).join('.')}.jsonl`;
}

/** No name leaves the folder, hides its file, or meets the file of another name. */
function encode(name: string): string {
  return name === '' ? '%' : name.replace(/[%/\\\0.\p{Surrogate}]/gu, encodeCharacter);
}

/** A dot stands between schema and table, and nowhere else; of lone surrogates the file system makes one and the same character. */
function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
