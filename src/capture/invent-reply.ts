import type {Inventor} from './inventor.js';
import {isList, isMap, JsonNumber, type JsonTree} from './json-tree.js';
import type {Shape} from './shape.js';

/**
 * A reply of the same shape in which every value is invented. Of a list, and of a map whose keys are data, only the first elements stay: as many as were
 * asked for on a page, wherever it stands.
 */
export function inventReply(tree: JsonTree, shape: Shape, inventor: Inventor, mostElements: number): JsonTree {
  const invent = (value: JsonTree, {members, others, elements}: Shape, key: string | null): JsonTree => {
    if (typeof value === 'string') return inventor.text(value, key);
    if (value instanceof JsonNumber) return new JsonNumber(inventor.number(value.text));
    if (isList(value)) {
      if (elements === null) return [];
      return value.slice(0, mostElements).map(each => invent(each, elements, null));
    }
    if (!isMap(value)) return value;
    const made = new Map<string, JsonTree>();
    let data = 0;
    for (const [name, each] of value) {
      const inner = members.get(name);
      if (inner !== undefined) made.set(name, invent(each, inner, name));
      else if (others !== null && (data++ < mostElements || members.size > 0))
        made.set(inventor.key(name), invent(each, others, null));
    }
    return made;
  };
  return invent(tree, shape, null);
}
