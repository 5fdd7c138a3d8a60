import {drawDigits, drawUntil, pick, type Random, shuffle} from './draw.js';
import {inventDate, isDate} from './invent-date.js';
import {inventProse} from './invent-prose.js';
import {formatTree, isList, isMap, JsonNumber, type JsonTree, parseTree} from './json-tree.js';
import type {SeenValues} from './seen-values.js';
import type {Vocabulary} from './vocabulary.js';

const uuid = /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i;
const hexadecimal = /^(?=.*[a-f])(?=.*\d)[0-9a-f]{12,}$/i;
export const mail = /^[^\s@]+@[^\s@.]+\.[^\s@]+$/;
const address = /^([a-z][a-z\d+.-]*:)?\/\/[^/?#\s]+/i;
const decimal = /^([+-]?)(0*)(0|[1-9]\d*)([.,]\d+)?$/;
/** Words for yes and no. */
const flag = /^(true|false|yes|no|on|off)$/i;
/** JSON in a text is read only if it is short enough for a person to read. */
const mostInside = 2000;
/** What names additional fields: `field_12` goes with the field whose id is 12. */
export const fieldKey = /^(field_)(\d+)$/;

/**
 * Replaces values by others of the same form. Within one capture a value always becomes the same, and two values never do, so that rows join as before. The
 * replacement is drawn at random, and what stands for what is forgotten with this object: nobody can go back.
 */
export class Inventor {
  readonly #random: Random;
  readonly #seen: SeenValues;
  readonly #vocabulary: Vocabulary;
  readonly #digits = new Map<string, string>();
  readonly #usedDigits = new Set<string>();
  readonly #fractions = new Map<string, string>();
  readonly #usedFractions = new Set<string>();
  readonly #texts = new Map<string, string>();
  readonly #usedTexts = new Set<string>();
  /** All digits: each is replaced by the next. */
  readonly #cycle: string;

  constructor(vocabulary: Vocabulary, seen: SeenValues, random: Random) {
    this.#vocabulary = vocabulary;
    this.#seen = seen;
    this.#random = random;
    this.#cycle = shuffle('0123456789', random);
  }

  /** `key`: the member that holds the text, or null. */
  text(text: string, key: string | null): string {
    const isWord = key !== null && this.#vocabulary.words.get(key)?.has(text) === true;
    if (isWord || text.trim() === '' || this.#isForm(text, key)) return text;
    if (decimal.test(text)) return this.number(text);
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const isFree = (drawn: string) =>
      !this.#usedTexts.has(drawn) && !this.#seen.hasText(drawn) && !this.#vocabulary.keys.has(drawn);
    const draw = () => this.#draw(text);
    const drawn = drawUntil(draw, isFree) ?? this.#drawUnused(text) ?? this.#extend(text, isFree);
    this.#texts.set(text, drawn);
    this.#usedTexts.add(drawn);
    return drawn;
  }

  /** Whether a text is a word for yes, no or nothing, or a zero date, where one is declared to stand. Elsewhere it may be a name: somebody's is No. */
  #isForm(text: string, key: string | null): boolean {
    const kinds = key === null ? undefined : this.#vocabulary.kinds.get(key);
    if (kinds === undefined || kinds.has('text') || kinds.has('json')) return false;
    if (/^null$/i.test(text) || (kinds.has('boolean') && flag.test(text))) return true;
    return (kinds.has('date') || kinds.has('timestamp')) && isZeroDate(text);
  }

  /**
   * As many digits, sign and fraction. A number of one digit stays: such are flags and kinds, of which the meaning is of interest, and they tell nobody
   * from anybody.
   */
  number(text: string): string {
    const [, sign = '', zeros = '', digits = '', fraction = ''] = decimal.exec(text) ?? [];
    // An exponent.
    if (digits === '') return this.#fraction(text);
    const part = /^[.,]?0*$/.test(fraction) ? fraction : this.#fraction(fraction);
    // A flag is not filled up with zeros, but the number of a person may be.
    const isPadded = zeros !== '' && digits.length === 1;
    return sign + zeros + (isPadded ? this.#shift(digits) : this.#whole(digits)) + part;
  }

  /** A key that is data: an id, a name. What is an id or a text as a value becomes the same as a key. */
  key(key: string): string {
    const [, name, number] = fieldKey.exec(key) ?? [];
    return name === undefined || number === undefined ? this.text(key, null) : name + this.number(number);
  }

  /** Another digit. */
  #shift(digit: string): string {
    return this.#cycle.charAt((this.#cycle.indexOf(digit) + 1) % this.#cycle.length);
  }

  #whole(digits: string): string {
    const known = digits.length === 1 ? digits : this.#digits.get(digits);
    if (known !== undefined) return known;
    const draw = () => drawDigits(this.#random, digits.length);
    const isFree = (drawn: string) => !this.#usedDigits.has(drawn);
    const drawn =
      drawUntil(draw, each => isFree(each) && !this.#seen.hasDigits(each)) ??
      // Of few digits there may be no number that nobody has sent.
      drawUntil(draw, isFree) ??
      this.#findFree(draw());
    this.#digits.set(digits, drawn);
    this.#usedDigits.add(drawn);
    return drawn;
  }

  /**
   * A fraction such as `.50`, or a number with an exponent, which stays. Of one always the same is made: a record that comes twice would otherwise
   * differ from itself, and no run would take it.
   */
  #fraction(text: string): string {
    const known = this.#fractions.get(text);
    if (known !== undefined) return known;
    const [, digits = '', exponent = ''] = /^([^e]*)(.*)$/i.exec(text) ?? [];
    if (!/[1-9]/.test(digits)) return text;
    const isKept = (digit: string) => digit === '0' && exponent !== '';
    const draw = (like: string) =>
      like.replaceAll(/\d/g, digit => (isKept(digit) ? digit : drawDigits(this.#random, 1))) + exponent;
    const isFree = (drawn: string) => drawn !== text && !this.#usedFractions.has(drawn);
    // Of one digit there may be none left.
    const drawn =
      drawUntil(() => draw(digits), isFree) ?? drawUntil(() => draw(`${digits}11`), isFree) ?? draw(`${digits}1111`);
    this.#fractions.set(text, drawn);
    this.#usedFractions.add(drawn);
    return drawn;
  }

  /** The next number of as many digits that stands for nothing yet. There is one, since each stands for one of as many digits. */
  #findFree(start: string): string {
    const least = 10n ** BigInt(start.length - 1);
    let number = BigInt(start);
    while (this.#usedDigits.has(String(number))) number = number + 1n === least * 10n ? least : number + 1n;
    return String(number);
  }

  #draw(text: string): string {
    if (isDate(text) && !isZeroDate(text)) return inventDate(text, this.#random);
    if (uuid.test(text) || hexadecimal.test(text)) return this.#drawHexadecimal(text);
    if (mail.test(text)) return `${this.#prose('nobody')}.${this.#prose('nowhere')}@example.invalid`;
    const [start, scheme = ''] = address.exec(text) ?? [];
    if (start !== undefined) return `${nameScheme(scheme)}//example.invalid${this.#prose(text.slice(start.length))}`;
    const inside = /^\s*[[{]/.test(text) && text.length <= mostInside ? parseTree(text) : undefined;
    return inside === undefined ? this.#prose(text) : formatTree(this.#inside(inside), null);
  }

  /** JSON in a text: of its keys only those that are Docebo's own stay. */
  #inside(tree: JsonTree, key: string | null = null): JsonTree {
    if (typeof tree === 'string') return this.text(tree, key);
    if (tree instanceof JsonNumber) return new JsonNumber(this.number(tree.text));
    if (isMap(tree)) {
      const nameOf = (key: string) => (this.#vocabulary.keys.has(key) ? key : this.key(key));
      return new Map([...tree].map(([key, each]) => [nameOf(key), this.#inside(each, key)]));
    }
    return isList(tree) ? tree.map(each => this.#inside(each)) : tree;
  }

  /** There are only so many minutes in a day: one that was sent may stand for another, as with numbers of few digits. */
  #drawUnused(text: string): string | undefined {
    return isDate(text)
      ? drawUntil(
          () => this.#draw(text),
          drawn => !this.#usedTexts.has(drawn),
        )
      : undefined;
  }

  #drawHexadecimal(text: string): string {
    const digits = text === text.toUpperCase() ? '0123456789ABCDEF' : '0123456789abcdef';
    return text.replaceAll(/[0-9a-f]/gi, () => pick(this.#random, digits));
  }

  #prose(text: string): string {
    return inventProse(text, this.#random, this.#seen);
  }

  /** Of short texts there may be none left. What has neither letters nor digits has nothing to hide. */
  #extend(text: string, isFree: (drawn: string) => boolean): string {
    if (!/[\p{L}\p{N}]/u.test(text)) return this.#draw(text);
    let drawn = this.#draw(text);
    while (!isFree(drawn)) drawn += this.#prose(/\p{N}$/u.test(drawn) ? '11' : 'abc');
    return drawn;
  }
}

/** A zero date or midnight, which are forms of their own. */
function isZeroDate(text: string): boolean {
  return isDate(text) && !/[1-9]/.test(text);
}

function nameScheme(scheme: string): string {
  return /^(https?:)?$/i.test(scheme) ? scheme.toLowerCase() : 'other:';
}
