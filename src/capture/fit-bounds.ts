import {sentNames} from '../declared-keys.js';
import {treeOf} from '../routes.js';
import type {Table} from '../table.js';
import {isList, isMap, JsonNumber, type JsonTree} from './json-tree.js';

/**
 * Gives the nodes of a tree the bounds that they would have if there were no others, so that one still lies within the other. Invented one by one they would
 * form no tree. `sent`: the reply as it came.
 */
export function fitBounds(made: JsonTree, sent: JsonTree, tables: readonly Table[]): JsonTree {
  const names = new Set(tables.flatMap(boundsOf));
  const found = new Set<bigint>();
  for (const bound of findBounds(made, sent, names)) found.add(bound);
  const ranks = new Map([...found].sort((a, b) => (a < b ? -1 : 1)).map((bound, index) => [bound, String(index + 1)]));
  return renumber(made, sent, value => ranks.get(readBound(value) ?? -1n), names);
}

function boundsOf(table: Table): readonly string[] {
  const {left, right} = treeOf(table) ?? {};
  return [left, right].flatMap(name => (name === undefined ? [] : sentNames(name, table.columns[name] ?? {})));
}

function* findBounds(made: JsonTree, sent: JsonTree, names: ReadonlySet<string>): Generator<bigint> {
  if (isList(made) && isList(sent)) {
    for (const [index, each] of made.entries()) yield* findBounds(each, sent[index] ?? null, names);
  } else if (isMap(made) && isMap(sent)) {
    for (const [key, each] of made) {
      const bound = names.has(key) ? readBound(sent.get(key)) : undefined;
      if (bound === undefined) yield* findBounds(each, sent.get(key) ?? null, names);
      else yield bound;
    }
  }
}

function renumber(
  made: JsonTree,
  sent: JsonTree,
  rank: (value: JsonTree | undefined) => string | undefined,
  names: ReadonlySet<string>,
): JsonTree {
  if (isList(made) && isList(sent)) return made.map((each, index) => renumber(each, sent[index] ?? null, rank, names));
  if (!isMap(made) || !isMap(sent)) return made;
  return new Map(
    [...made].map(([key, each]) => {
      const own = names.has(key) ? rank(sent.get(key)) : undefined;
      if (own === undefined) return [key, renumber(each, sent.get(key) ?? null, rank, names)] as const;
      return [key, each instanceof JsonNumber ? new JsonNumber(own) : own] as const;
    }),
  );
}

function readBound(value: JsonTree | undefined): bigint | undefined {
  const text = value instanceof JsonNumber ? value.text : value;
  return typeof text === 'string' && /^\d{1,18}$/.test(text) ? BigInt(text) : undefined;
}
