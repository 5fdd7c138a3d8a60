import {parseExact, type RawRecord} from '../../json/raw-record.js';

/**
 * Whether any value of a record, nested ones too, holds a word of the text, in any case and whatever its accents. Which members Docebo searches, and how
 * it compares them, is known only in part (tables/API.md#users), so this lets in more than it does.
 */
export function holdsText(record: RawRecord, text: string): boolean {
  const words = fold(text).match(/[\p{L}\p{N}]+/gu) ?? [''];
  const isHeld = (value: unknown): boolean => {
    if (typeof value === 'object' && value !== null) return Object.values(value).some(isHeld);
    const held = fold(String(value));
    return words.some(word => held.includes(word));
  };
  return isHeld(parseExact(Buffer.from(record.encode())).value);
}

function fold(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
