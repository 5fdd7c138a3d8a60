import type {FileScheme} from '../destination-uri.js';
import type {Target} from './destination.js';

/** Name of a table's file: `users.jsonl`, `dest.users.parquet`. */
export function fileName({schema, name}: Target, ending: FileScheme): string {
  const names = schema === null ? [name] : [schema, name];
  return `${names.map(encode).join('.')}.${ending}`;
}

/** Escapes a name, so that it cannot leave the folder, hide its file, or share a file with another name. */
function encode(name: string): string {
  return name === '' ? '%' : name.replace(/[%/\\\0.\p{Surrogate}]/gu, encodeCharacter);
}

/** A dot separates schema and table and is escaped anywhere else. Lone surrogates are too: the file system makes one character of them all. */
function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
