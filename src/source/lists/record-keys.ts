import type {ExactPath} from '../../declared-keys.js';
import {InvalidBodyError, type JsonScanner, type SentType} from '../../json/scanner.js';

/** Real records hold some 50 keys. */
export const mostKeys = 5000;
const mostKeyBytes = 1024;

export interface Key {
  readonly name: string;
  /** As written, closing quote included. */
  readonly raw: Uint8Array;
  readonly declared: boolean;
  /** Its place among the values that are noted of each record; -1 if its value is not. */
  readonly slot: number;
  /** Paths below it at which a number must stay as it was sent. */
  readonly exactPaths: readonly ExactPath[];
  /** The types of its values in the body that held it last. */
  readonly types: Set<SentType>;
  body: number;
  /** The record that held it last, and where: how a repeated key is noticed and blanked. */
  seenIn: number;
  start: number;
  end: number;
}

/** The keys that records of a table have held, with what is known of each. */
export class RecordKeys {
  readonly #declared: ReadonlyMap<string, readonly ExactPath[]>;
  readonly #noted: readonly string[];
  readonly #keys = new Map<string, Key>();
  /** Keys in the order of the record before: records of a list are alike, so the guess at the next key is nearly always right. */
  readonly #order: Key[] = [];

  /** `noted`: keys whose values are noted of each record. */
  constructor(declared: ReadonlyMap<string, readonly ExactPath[]>, noted: readonly string[]) {
    this.#declared = declared;
    this.#noted = noted;
  }

  /** Forgets all keys if there are too many, so that a body refused for that does not fail the next. They only save work. */
  forgetTooMany(): void {
    if (this.#keys.size < mostKeys) return;
    this.#keys.clear();
    this.#order.length = 0;
  }

  /**
   * Reads the key at a place in a record, behind its opening quote. Throws InvalidBodyError if there are too many keys, or if this one is too long.
   */
  read(json: JsonScanner, position: number): Key {
    const guess = this.#order[position];
    const {bytes, at} = json;
    if (guess !== undefined) {
      const {raw} = guess;
      let index = 0;
      while (index < raw.length && bytes[at + index] === raw[index]) index++;
      if (index === raw.length) {
        json.at = at + index;
        return guess;
      }
    }
    json.skipString();
    if (json.at - at > mostKeyBytes) throw new InvalidBodyError(`a key of more than ${mostKeyBytes} bytes`);
    const raw = Uint8Array.from(bytes.subarray(at, json.at));
    const name = String(JSON.parse(`"${Buffer.from(raw).toString()}`));
    const key = this.#keys.get(name) ?? this.#add(name, raw);
    this.#order[position] = key;
    return key;
  }

  #add(name: string, raw: Uint8Array): Key {
    if (this.#keys.size >= mostKeys) throw new InvalidBodyError(`records of more than ${mostKeys} different keys`);
    const key: Key = {
      name,
      raw,
      declared: this.#declared.has(name),
      slot: this.#noted.indexOf(name),
      exactPaths: this.#declared.get(name) ?? [{keys: [name], isWhole: false}],
      types: new Set<SentType>(),
      body: 0,
      seenIn: 0,
      start: 0,
      end: 0,
    };
    this.#keys.set(name, key);
    return key;
  }
}
