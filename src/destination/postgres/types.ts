import {casts} from '../../engine/casts.js';
import {type Sql, sql} from '../../engine/sql.js';

/** The type that holds all values of one of DuckDB's without loss. */
const types: Readonly<Record<string, Sql>> = {
  [casts.integer.type]: sql`bigint`,
  [casts.double.type]: sql`double precision`,
  [casts.boolean.type]: sql`boolean`,
  [casts.timestamp.type]: sql`timestamp with time zone`,
  [casts.date.type]: sql`date`,
  [casts.text.type]: sql`text`,
  [casts.json.type]: sql`jsonb`,
};

export function toPostgresType(duckdbType: string): Sql {
  return types[duckdbType] ?? sql`text`;
}

/** DuckDB's name of a type that somebody may have given a column. What it has no name for is no type of ours either. */
export function toDuckdbType(postgresType: string): string {
  const ours = Object.entries(types).find(([, type]) => type === postgresType)?.[0];
  if (ours !== undefined) return ours;
  if (postgresType.startsWith('numeric')) return 'DECIMAL(38,10)';
  return postgresType === 'real' ? 'FLOAT' : postgresType.toUpperCase();
}
