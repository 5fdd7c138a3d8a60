import type {EarlierColumns} from '../../engine/name-keys.js';
import type {Reading} from '../older.js';
import type {OurComments} from '../our-comments.js';
import type {NotedRoute} from '../route-note.js';

/** What is at the target now. */
export interface Standing {
  /** Undefined if there is nothing. */
  readonly kind: 'table' | 'other' | undefined;
  readonly hasSchema: boolean;
  readonly rows: number;
  /** Without the note of when it was read. */
  readonly comment: string | null;
  /** As it is. */
  readonly fullComment: string | null;
  readonly ours: OurComments;
  readonly route: NotedRoute;
  /** When its rows were read, as its comment says; undefined if nobody noted it. */
  readonly reading: Reading | undefined;
  readonly types: EarlierColumns;
  readonly columns: readonly StandingColumn[];
  /** Undefined also where the database knows no keys. */
  readonly primaryKey: {readonly name: string; readonly columns: readonly string[]} | undefined;
}

export interface StandingColumn {
  readonly name: string;
  /** As the database writes it. */
  readonly type: string;
  /** Without the note of when the table was read. */
  readonly comment: string | null;
  /** As it is. */
  readonly fullComment: string | null;
  readonly key: string | null;
}
