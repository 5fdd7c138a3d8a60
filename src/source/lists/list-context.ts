import type {AcceptableFault} from '../../choices.js';
import type {RawRecord} from '../../json/raw-record.js';
import type {TableSpool} from '../../spool/table-spool.js';
import type {Docebo} from '../docebo.js';
import type {Calls} from './calls.js';

/** What the lists of one table share: who answers them, where their pages land, and who counts their calls. */
export interface ListContext extends Pick<Docebo, 'client' | 'clock' | 'large' | 'parallelism'> {
  readonly spool: Pick<TableSpool, 'accept' | 'landedBefore' | 'readLanded' | 'pass'>;
  readonly calls: Calls;
  /** How often pages that do not fit together are read again. */
  readonly driftRetries: number;
  /** Whether a fault of this table's lists is accepted. */
  readonly accepts: (fault: AcceptableFault) => boolean;
}

/** A page whose records have landed: in this run, or in the one that it resumes. */
export interface LandedPage {
  readonly records: number;
  /** How many of them stand beside the list, which does not count them: the root of a tree. */
  readonly beside: number;
  /** Rows of the table, if this is a page of its only list and counts them. */
  readonly total: number | null;
  /** Rows of its list, if this page counts them. */
  readonly counted?: number | null;
  readonly hasLandedBefore: boolean;
  /** The key of each record and when it was last changed, if the list can be asked for changes (NotedValues). */
  readonly keys?: string | undefined;
  /** The records as sent, with what was bound; empty for a reply that has to be taken apart (`explode`). */
  look(): Promise<readonly RawRecord[]>;
}

/** Rows that the server counts in a list, and records that it sends. */
export interface Miscount {
  readonly counted: number;
  readonly sent: number;
}

export interface ListOutcome {
  /** Status of a reply without a list, if the list gave nothing else. */
  readonly blank: number | null;
  /** Records that landed, including those of pages that were read again. */
  readonly records: number;
  /** Rows that the API counted, except those that went meanwhile; if it counted none, the records of the pages as last read. */
  readonly total: number;
  /** Whether the list ended because what follows it was the same again: it is whole, or its server sends only the first rows of it. */
  readonly isUnproved?: true;
  /** Whether rows moved meanwhile, so that a record may have landed more than once. */
  readonly moved: boolean;
  /** Only set if nothing but the list's count is wrong and that is accepted. */
  readonly miscount?: Miscount;
}

/** What to say of lists that ended because the same came again (`ListOutcome.isUnproved`). */
export function warnOfUnproved(lists: number): readonly string[] {
  if (lists === 0) return [];
  const which = lists === 1 ? 'A list' : `${lists} lists`;
  return [
    `${which} sent the same rows again where others were asked for: they are whole only if the server has no pages.`,
  ];
}
