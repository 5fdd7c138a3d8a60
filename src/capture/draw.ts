/** A whole number from 0 up to, and without, the limit. */
export type Random = (limit: number) => number;

const consonants = 'bdfgjklmnprstvwxz';
const vowels = 'aeiou';
const accented = 'àéîõü';
const cyrillic = 'бвгджзклмнпрст';
const ideographs = '甲乙丙丁戊己庚辛壬癸';

export function pick<T>(random: Random, from: ArrayLike<T>): T {
  const found = from[random(from.length)];
  if (found === undefined) throw new TypeError('There is nothing to draw from.');
  return found;
}

export function shuffle(characters: string, random: Random): string {
  if (characters === '') return '';
  const at = random(characters.length);
  return characters.charAt(at) + shuffle(characters.slice(0, at) + characters.slice(at + 1), random);
}

/** A word that means nothing, in the case and the kind of letters of another one. */
export function drawWord(random: Random, like: string): string {
  const {length} = [...like];
  const size = length <= 2 ? length : Math.min(15, Math.max(3, length + random(3) - 1));
  const letters = chooseLetters(like);
  const start = random(2);
  const word = Array.from({length: size}, (_, index) => pick(random, letters[(index + start) % 2] ?? vowels)).join('');
  if (like === like.toLowerCase()) return word;
  return like === like.toUpperCase() && length > 1
    ? word.toUpperCase()
    : `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

function chooseLetters(like: string): readonly string[] {
  if (!/[^\p{Script=Latin}\p{M}]/u.test(like)) return [consonants, /[^a-z]/i.test(like) ? accented : vowels];
  return like.toLowerCase() === like.toUpperCase() ? [ideographs, ideographs] : [cyrillic, cyrillic];
}

/** So many digits, without a leading zero, and small enough for 64 bits if the number is as long as the longest of them. */
export function drawDigits(random: Random, length: number): string {
  const first = String(length === 19 ? 1 + random(8) : 1 + random(9));
  return first + Array.from({length: length - 1}, () => random(10)).join('');
}

/** Draws until something fits, but not for ever. */
export function drawUntil<T>(draw: () => T, fits: (drawn: T) => boolean): T | undefined {
  for (let tries = 0; tries < 20; tries++) {
    const drawn = draw();
    if (fits(drawn)) return drawn;
  }
  return undefined;
}
