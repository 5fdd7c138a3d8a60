import type {Column, Table} from './table.js';

/** The paths at which a record may hold a column's value: by default the column's name. */
export function sentNames(name: string, {from}: Pick<Column, 'from'>): readonly string[] {
  return from ?? [name];
}

/** Root keys that the declaration accounts for: those that columns read, and those left out with a reason. */
export function declaredKeys(table: Table): ReadonlySet<string> {
  const read = Object.entries(table.columns).flatMap(([name, column]) => sentNames(name, column));
  return new Set([...read.map(path => path.split('.')[0] ?? path), ...Object.keys(table.ignores)]);
}

/** A path at which a number must stay as it was sent, and whether a whole number is wanted there. */
export interface ExactPath {
  readonly keys: readonly string[];
  readonly isWhole: boolean;
}

/** For each declared root key, the paths at which columns may need more digits than a double holds. */
export function exactPaths(table: Table): ReadonlyMap<string, readonly ExactPath[]> {
  const paths = new Map<string, ExactPath[]>([...declaredKeys(table)].map(key => [key, []]));
  for (const [name, column] of Object.entries(table.columns)) {
    if (!['integer', 'text', 'json'].includes(column.kind)) continue;
    for (const path of sentNames(name, column)) {
      const keys = path.split('.');
      paths.get(keys[0] ?? path)?.push({keys, isWhole: column.kind === 'integer'});
    }
  }
  return paths;
}
