// Nothing but native.ts may import this: that guards it.
export {DuckDBInstance} from '@duckdb/node-api';
