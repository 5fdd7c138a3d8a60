/** JSON as it was sent: numbers keep their digits, and maps their order and any key. */
export type JsonTree = null | boolean | string | JsonNumber | readonly JsonTree[] | ReadonlyMap<string, JsonTree>;

/** A number as it was written, such as 1.50 or one with more digits than a double holds. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function isMap(value: JsonTree | undefined): value is ReadonlyMap<string, JsonTree> {
  return value instanceof Map;
}

export function isList(value: JsonTree | undefined): value is readonly JsonTree[] {
  return Array.isArray(value);
}

/** A reply that is nested more deeply than this holds no records. */
const mostLevels = 100;

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;

/** Undefined if the text is not JSON. What is nested more deeply than a hundred levels becomes null. */
export function parseTree(text: string): JsonTree | undefined {
  try {
    // JavaScript would change numbers, so each goes through its parser as a text. A first letter tells it from what was a text before.
    const tagged = text.replaceAll(tokens, token => (token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`));
    return untag(JSON.parse(tagged), 0);
  } catch {
    return undefined;
  }
}

function untag(value: unknown, level: number): JsonTree {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.startsWith('n') ? readNumber(value.slice(1)) : value.slice(1);
  if (level >= mostLevels || typeof value !== 'object') return null;
  if (Array.isArray(value)) return value.map(each => untag(each, level + 1));
  return new Map(Object.entries(value).map(([key, each]) => [key.slice(1), untag(each, level + 1)]));
}

/** Throws SyntaxError for what is no number in JSON, such as 01. */
function readNumber(text: string): JsonNumber {
  JSON.parse(text);
  return new JsonNumber(text);
}

/** The JSON text of a tree: indented so that a person can read it, with short lists and objects in one line; or without blanks. */
export function formatTree(tree: JsonTree, indent: string | null = ''): string {
  const flat = formatFlat(tree);
  if (indent === null || flat.length + indent.length <= mostColumns || typeof tree !== 'object' || tree === null)
    return flat;
  const deeper = `${indent}  `;
  if (isMap(tree)) {
    const members = [...tree].map(([key, value]) => `${deeper}${JSON.stringify(key)}: ${formatTree(value, deeper)}`);
    return `{\n${members.join(',\n')}\n${indent}}`;
  }
  if (!isList(tree)) return flat;
  return `[\n${tree.map(each => `${deeper}${formatTree(each, deeper)}`).join(',\n')}\n${indent}]`;
}

const mostColumns = 140;

function formatFlat(tree: JsonTree): string {
  if (tree instanceof JsonNumber) return tree.text;
  if (isMap(tree))
    return `{${[...tree].map(([key, each]) => `${JSON.stringify(key)}: ${formatFlat(each)}`).join(', ')}}`;
  return isList(tree) ? `[${tree.map(formatFlat).join(', ')}]` : JSON.stringify(tree);
}
