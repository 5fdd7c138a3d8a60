import {fieldKey} from './inventor.js';
import {isList, isMap, type JsonTree} from './json-tree.js';
import type {SeenValues} from './seen-values.js';
import type {Vocabulary} from './vocabulary.js';

/** What the values at one place of all replies have in common. */
export interface Shape {
  readonly values: readonly JsonTree[];
  /** Members whose names are Docebo's, by name. */
  readonly members: ReadonlyMap<string, Shape>;
  /** The values of all other members, whose names are data; null if there are none. */
  readonly others: Shape | null;
  /** The elements of lists; null if there are none. */
  readonly elements: Shape | null;
}

/** Finds out which names of members are Docebo's own and which are data. */
export class ShapeReader {
  readonly #vocabulary: Vocabulary;
  readonly #seen: SeenValues;
  readonly #host: readonly string[];

  /** `host`: the name of the tenant's host, whose words may stand in names that the tenant has given. */
  constructor(vocabulary: Vocabulary, seen: SeenValues, host: string) {
    this.#vocabulary = vocabulary;
    this.#seen = seen;
    this.#host = host
      .toLowerCase()
      .split(/[^\p{L}]+/u)
      .filter(word => word.length > 2 && !publicLabels.has(word));
  }

  /** Of whole replies by one route. */
  readReplies(replies: readonly JsonTree[]): Shape {
    return this.#read(replies, {isRoot: true});
  }

  /** Of values that stand at the same place. */
  #read(values: readonly JsonTree[], {isRoot} = {isRoot: false}): Shape {
    const maps = values.filter(isMap);
    const counts = new Map<string, number>();
    for (const map of maps) for (const key of map.keys()) counts.set(key, (counts.get(key) ?? 0) + 1);
    const known = [...counts.keys()].filter(key => this.#isKnown(key) || fieldKey.test(key));
    // In a map from ids or names to values no name is known, or one by chance.
    // A reply itself is no such map: what it is made of is what a capture is for.
    const isRecord = known.length * 2 >= counts.size || (isRoot && counts.size <= mostAtRoot);
    const isKept = (key: string) =>
      this.#isKnown(key) || (isRecord && (counts.get(key) ?? 0) * 2 >= maps.length && this.#looksLikeOne(key));
    const members = new Map<string, Shape>();
    const others: JsonTree[] = [];
    for (const key of counts.keys()) {
      const held = maps.map(map => map.get(key)).filter(value => value !== undefined);
      if (isKept(key)) members.set(key, this.#read(held));
      else others.push(...held);
    }
    const elements = values.filter(isList).flat();
    return {
      values,
      members,
      others: others.length === 0 ? null : this.#read(others),
      elements: elements.length === 0 ? null : this.#read(elements),
    };
  }

  #isKnown(key: string): boolean {
    return this.#vocabulary.keys.has(key);
  }

  /**
   * Whether a name that no declaration knows may be Docebo's: it is written like one, and not made of words that the tenant uses. In doubt it is not, since a
   * new name can be asked for, while one that was told cannot be taken back.
   */
  #looksLikeOne(key: string): boolean {
    const isIdentifier = key.length <= 40 && /^[a-z][a-zA-Z]*(_[a-zA-Z]+)*$/.test(key);
    const folded = key.toLowerCase();
    return isIdentifier && !this.#seen.couldName(key) && !this.#host.some(word => folded.includes(word));
  }
}

const mostAtRoot = 8;

/** Words that many hosts have in common. */
const publicLabels: ReadonlySet<string> = new Set(['www', 'com', 'net', 'org', 'docebo', 'docebosaas', 'learn', 'lms']);
