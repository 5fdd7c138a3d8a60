import type {DuckDBConnection} from '@duckdb/node-api';
import type {FileScheme} from '../../destination-uri.js';
import type {Sql} from '../../engine/sql.js';
import type {Reading} from '../older.js';
import type {Comment} from '../our-comments.js';

/** What differs between the formats in which tables become files. No file need be there where one is read. */
export interface FileFormat {
  /** Ends the names of its files too. */
  readonly scheme: FileScheme;
  /** Called before the first request. Throws DestinationError if the file is one that cannot be compared with what is to replace it. */
  check(file: string): Promise<void>;
  /** Writes the staged table to a file that is there and empty. `comments` are what is known of the table and its columns. */
  write(connection: DuckDBConnection, staged: Sql, file: string, comments: readonly Comment[]): Promise<void>;
  /** What is wrong with a file that was written, to follow "the file that was written"; undefined if it holds the staged rows. */
  findFault(connection: DuckDBConnection, staged: Sql, file: string, rows: number): Promise<string | undefined>;
  /** Creates a table of the rows of a file, with the columns of these names in these types. Fails for a file that is not whole. */
  readInto(connection: DuckDBConnection, created: Sql, file: string, types: ReadonlyMap<string, Sql>): Promise<void>;
  /** Throws DestinationError for a file whose rows cannot be counted. */
  countRows(connection: DuckDBConnection, file: string): Promise<number>;
  /** When the rows of a file were read; undefined if it does not tell. */
  readReading(connection: DuckDBConnection, file: string): Promise<Reading | undefined>;
}
