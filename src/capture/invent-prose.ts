import {drawDigits, drawUntil, drawWord, type Random} from './draw.js';
import type {SeenValues} from './seen-values.js';

/** More says no more of a form. */
const mostCharacters = 200;

const pieces = /(?<word>\p{L}[\p{L}\p{M}]*)|(?<digits>\d+)|(?<plain>[\p{Cc}\x20-\x7e])|(?<other>.)/gsu;

/** Another text with words and numbers in the same places, and with the same punctuation. Only the beginning of a long one. */
export function inventProse(text: string, random: Random, seen: SeenValues): string {
  const cut = [...text].slice(0, mostCharacters).join('');
  return cut.replaceAll(pieces, (piece, ...rest) => {
    const {word, digits, plain}: Partial<Record<string, string>> = rest.at(-1);
    if (plain !== undefined) return plain;
    if (word !== undefined) return inventWord(word, random, seen);
    if (digits !== undefined) return inventDigits(digits, random, seen);
    // Pictures, currencies, digits of other scripts: outside the first plane of Unicode or within it, which is where programs fail.
    return piece.length === 2 ? '🞄' : '¤';
  });
}

function inventWord(word: string, random: Random, seen: SeenValues): string {
  const draw = () => drawWord(random, word);
  return drawUntil(draw, drawn => !seen.hasWord(drawn)) ?? draw();
}

function inventDigits(digits: string, random: Random, seen: SeenValues): string {
  const zeros = /^0*(?=\d)/.exec(digits)?.[0] ?? '';
  const draw = () => zeros + drawDigits(random, digits.length - zeros.length);
  return drawUntil(draw, drawn => !seen.hasDigits(drawn)) ?? draw();
}
