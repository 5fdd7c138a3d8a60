import {redact} from './secret.js';

/** Characters that move the cursor, reverse the direction of text or take no space: a terminal obeys them, and a reader does not see them. */
const invisible = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** The text in one line that is safe for a terminal: secrets are hidden and invisible characters spelt out. It may come from anybody. */
export function toLine(text: string): string {
  return redact(text)
    .replaceAll(/\s*[\r\n\u0085\u2028\u2029]\s*|\t/g, ' ')
    .replaceAll(invisible, escapeUnits);
}

/** Several lines whose breaks are ours, around texts that may come from anybody. */
export function toLines(text: string): string {
  return text.split('\n').map(toLine).join('\n');
}

/** The value as one line of JSON without secrets, safe for a terminal too. Seconds and minutes are rounded to thousandths. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, toMember).replaceAll(invisible, escapeUnits);
}

/** Names of members as well: a report counts by names that come from Docebo. */
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
