import {redact} from '../../secret.js';

/** What moves the cursor, turns the direction of text round or takes no place: a terminal obeys it, and a reader does not see it. */
const invisible = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** The text in one line as a terminal may have it: without secrets, and with what is invisible spelt out. It may be anybody's. */
export function toLine(text: string): string {
  return redact(text)
    .replaceAll(/\s*[\r\n\u0085\u2028\u2029]\s*|\t/g, ' ')
    .replaceAll(invisible, escapeUnits);
}

/** Lines of ours around texts that may be anybody's. */
export function toLines(text: string): string {
  return text.split('\n').map(toLine).join('\n');
}

/** The value as JSON in one line, without secrets, that a terminal may have too. Seconds and minutes are told to the thousandth. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, toMember).replaceAll(invisible, escapeUnits);
}

/** Names of members too: a report counts by names that Docebo gave. */
function toMember(_: string, value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Math.round(value * 1000) / 1000;
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [redact(name), member]));
}

function escapeUnits(character: string): string {
  return character
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
