// Only native.ts may import this, because it guards the import.
export {DuckDBInstance} from '@duckdb/node-api';
