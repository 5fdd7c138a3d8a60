import {fieldKey} from './inventor.js';
import {isList, isMap, type JsonTree} from './json-tree.js';
import {type SeenValues, wordsOf} from './seen-values.js';
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
  readonly #ownWords: ReadonlySet<string>;

  /** `host`: the name of the tenant's host, whose words may stand in names that the tenant has given. */
  constructor(vocabulary: Vocabulary, seen: SeenValues, host: string) {
    this.#vocabulary = vocabulary;
    this.#seen = seen;
    this.#ownWords = new Set([...vocabulary.keys].flatMap(wordsOf));
    this.#host = host
      .toLowerCase()
      .split(/[^\p{L}]+/u)
      .filter(word => word.length > 2 && !publicLabels.has(word));
  }

  /** Of whole replies by one route. Those that are no list of records teach no names. */
  readReplies(served: readonly JsonTree[], refused: readonly JsonTree[] = []): Shape {
    return this.#read([...served, ...refused], new Set(served.flatMap(tree => [...findElements(tree)])));
  }

  /** Of values that stand at the same place. `listed`: elements of lists. */
  #read(values: readonly JsonTree[], listed: ReadonlySet<JsonTree>): Shape {
    const maps = values.filter(isMap);
    const counts = new Map<string, number>();
    for (const map of maps)
      for (const key of map.keys()) counts.set(key, (counts.get(key) ?? 0) + (listed.has(map) ? 1 : 0));
    const known = [...counts.keys()].filter(key => this.#isKnown(key) || fieldKey.test(key));
    // In a map from ids or names to values no name is known, or one by chance.
    const isRecord = known.length * 2 >= counts.size;
    // What only one record has, or a map that is none, may be named by the tenant.
    const isCommon = (count: number) => count >= leastRecords && count * 2 >= maps.length;
    const isKept = (key: string) =>
      this.#isKnown(key) || (isRecord && isCommon(counts.get(key) ?? 0) && this.#looksLikeOne(key));
    const members = new Map<string, Shape>();
    const others: JsonTree[] = [];
    for (const key of counts.keys()) {
      const held = maps.map(map => map.get(key)).filter(value => value !== undefined);
      if (isKept(key)) members.set(key, this.#read(held, listed));
      else others.push(...held);
    }
    const elements = values.filter(isList).flat();
    return {
      values,
      members,
      others: others.length === 0 ? null : this.#read(others, listed),
      elements: elements.length === 0 ? null : this.#read(elements, listed),
    };
  }

  #isKnown(key: string): boolean {
    return this.#vocabulary.keys.has(key);
  }

  /**
   * Whether a name that no declaration knows may be Docebo's: it is written like one, holds no word that only the tenant uses, and is not made of its words
   * alone. In doubt it is not, since a new name can be asked for, while one that was told cannot be taken back.
   */
  #looksLikeOne(key: string): boolean {
    const isIdentifier = key.length <= 40 && /^[a-z][a-zA-Z]*(_[a-zA-Z]+)*$/.test(key);
    const folded = key.toLowerCase();
    const isTheirs = (word: string) => !this.#ownWords.has(word) && this.#seen.hasTextWord(word);
    if (!isIdentifier || this.#seen.couldName(key) || wordsOf(key).some(isTheirs)) return false;
    return !this.#host.some(word => folded.includes(word));
  }
}

const leastRecords = 2;

/** The elements of all lists in a tree. */
function* findElements(tree: JsonTree): Generator<JsonTree> {
  if (isList(tree)) yield* tree;
  if (isList(tree) || isMap(tree)) for (const each of tree.values()) yield* findElements(each);
}

/** Words that many hosts have in common. */
const publicLabels: ReadonlySet<string> = new Set(['www', 'com', 'net', 'org', 'docebo', 'docebosaas', 'learn', 'lms']);
