import type {RawRecord} from '../../json/raw-record.js';
import type {LandedPage} from '../../spool/format.js';
import type {Clock} from '../http/budget.js';
import type {Client} from '../http/client.js';
import type {Page} from './page.js';
import type {Bound} from './request.js';

export interface ListContext {
  readonly client: Client;
  readonly parallelism: number;
  readonly clock: Pick<Clock, 'now'>;
  /** How often pages that do not fit together are read again. */
  readonly driftRetries: number;
  /** Called before each attempt of a request. */
  readonly onCall: () => void;
  /** So many more pages are known to be needed. */
  readonly onExpect: (calls: number) => void;
  /** Lands a page; resolves once there is room for another. */
  readonly land: (page: Page, bound: Bound, moment: Moment) => Promise<void>;
  /** Takes the lists whose count is not that of their records; left out where that is not accepted. */
  readonly acceptedMiscounts?: Miscount[];
  /** What an earlier run landed for this request, if it is resumed: each reply in the order in which they came. */
  readonly landedBefore: (request: string) => readonly LandedPage[];
  readonly readLanded: (page: LandedPage) => Promise<readonly RawRecord[]>;
  /** Shown the records of each page that lands or has landed. */
  readonly look?: (records: readonly RawRecord[]) => void;
}

/** When a page was read, as its list sees it. */
export interface Moment {
  /** Number of the state in which the list seems to have been. */
  readonly state: number;
  /** Replies of the list that had come when it was asked for. */
  readonly sentAfter: number;
  /** Which reading of which list, where a row may stand in several lists of a table. */
  readonly list?: string;
}

/** A context that counts the records which landed through it, those of an earlier run included. */
export function countLanded<C extends Pick<ListContext, 'land' | 'landedBefore'>>(context: C) {
  const counter = {
    landed: 0,
    context: {
      ...context,
      land: async (...[page, ...where]: Parameters<ListContext['land']>) => {
        counter.landed += page.lines.records;
        await context.land(page, ...where);
      },
      landedBefore: (request: string) => {
        const pages = context.landedBefore(request);
        for (const {records} of pages) counter.landed += records;
        return pages;
      },
    },
  };
  return counter;
}

/** Rows that the server counts in a list, and records that it sends. */
export interface Miscount {
  readonly counted: number;
  readonly sent: number;
}

export interface ListOutcome {
  /** Status of a reply without a list, if that is all that came of it. */
  readonly blank: number | null;
  /** Records that landed, those of a page that was read again included. */
  readonly records: number;
  /** Rows that the API counted, but for those that went meanwhile; where it counted none, the records of the pages as last read. */
  readonly total: number;
  /** Whether rows moved meanwhile, so that a record may have landed more than once. */
  readonly moved: boolean;
}
