import {isList, isMap, JsonNumber, type JsonTree} from './json-tree.js';

/** Everything that the tenant has sent. Nothing that is invented may be among it, not even by chance. */
export class SeenValues {
  readonly #texts = new Set<string>();
  readonly #words = new Set<string>();
  readonly #keyWords = new Set<string>();
  readonly #digits = new Set<string>();

  /** Adds the values of a reply, and its keys, which may be data too. `more`: other words of the tenant, such as its host. */
  constructor(replies: Iterable<JsonTree>, more: readonly string[] = []) {
    for (const reply of replies) this.#add(reply);
    for (const text of more) this.#addText(text);
  }

  /** Whether a value is this text, whatever its case, blanks and punctuation. */
  hasText(text: string): boolean {
    return this.#texts.has(fold(text));
  }

  /** Whether a text or a key holds this word. */
  hasWord(word: string): boolean {
    return this.#words.has(fold(word)) || this.#keyWords.has(fold(word));
  }

  /** Whether a name is made of words of texts alone: a key such as `cost_centre` beside the text `Cost centre of 2020`. */
  couldName(name: string): boolean {
    return this.hasText(name) || wordsOf(name).every(word => this.hasTextWord(word));
  }

  /** Whether a text holds this word. */
  hasTextWord(word: string): boolean {
    return this.#words.has(fold(word));
  }

  /** Whether a value holds this number, digit by digit. */
  hasDigits(digits: string): boolean {
    return this.#digits.has(digits);
  }

  #add(value: JsonTree): void {
    if (typeof value === 'string') this.#addText(value);
    else if (value instanceof JsonNumber) this.#addDigits(value.text);
    else if (isMap(value)) {
      for (const [key, each] of value) {
        // A key is no text here: if it were, none could be told from a value of the same name.
        addWords(key, this.#keyWords);
        this.#addDigits(key);
        this.#add(each);
      }
    } else if (isList(value)) for (const each of value) this.#add(each);
  }

  #addText(text: string): void {
    this.#texts.add(fold(text));
    addWords(text, this.#words);
    this.#addDigits(text);
  }

  #addDigits(text: string): void {
    for (const [digits] of text.matchAll(/\d+/g)) this.#digits.add(digits.replace(/^0+(?=\d)/, ''));
  }
}

/** The words of a name such as `cost_centre` or `costCentre`, in small letters. */
export function wordsOf(name: string): readonly string[] {
  return (name.match(/\p{Lu}?\p{Ll}+|\p{L}+/gu) ?? []).map(fold);
}

function addWords(text: string, words: Set<string>): void {
  for (const [word] of text.matchAll(/\p{L}[\p{L}\p{M}]*/gu)) words.add(fold(word));
}

function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '');
}
