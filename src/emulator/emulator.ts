import {createDays, type Day} from './days.js';
import {findEdits, watchEdits} from './edits.js';
import {createFaults, type Fault} from './faults.js';
import {answerFrom} from './http/answer-from.js';
import {listen} from './http/listen.js';
import {createPageCache, noPageCache} from './http/page-cache.js';
import {type SeenRequest, serve} from './http/serve.js';
import type {Credentials} from './http/tokens.js';
import {createNights, type Nights} from './nights.js';
import {type EmulatorOptions, settle} from './options.js';
import type {Edits} from './order.js';
import type {Report} from './tenant/reports.js';
import {createTenant} from './tenant/tenant.js';
import {type TruthOptions, tellTruth} from './truth.js';

export interface Emulator {
  readonly url: string;
  readonly options: EmulatorOptions;
  readonly credentials: Credentials;
  /** All requests so far, in the order in which they were answered. */
  readonly requests: readonly SeenRequest[];
  /** The records that a complete copy of a table holds, as sent, with the values bound from the parent. */
  truth(table: string, options?: TruthOptions): Iterable<Record<string, unknown>>;
  /** The reports that can be exported, with their rows as in `results`. */
  readonly reports: readonly Report[];
  /** Replaces the faults, used up or not. */
  setFaults(faults: readonly Fault[]): void;
  /**
   * Edits the list of `users`, `courses` or `course_enrollments`, or with a course's number that course's list of enrolments. Positions
   * follow the order in which the list is sent. An enrolment that comes, changes or goes in one list does so in the others. Records that
   * belong to an edited one stay, but the lists of a removed course answer 404, and so do those of an inserted one.
   */
  edit(table: string, courseId?: number): Edits;
  /** Edits by id, as they happen between two nights. */
  readonly nights: Nights;
  /** Lets a day pass, as `POST /emulator/day` does. Returns what happened, by list. */
  passDay(): Readonly<Record<string, Day>>;
  close(): Promise<void>;
}

/** Starts a Docebo on loopback. The same seed and size give the same tenant, byte for byte. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = settle(options);
  const tenant = createTenant(settings.seed, settings.users, settings.enrolmentTimes);
  const requests: SeenRequest[] = [];
  let faults = createFaults(settings.faults);
  const pages = settings.pageCache ? createPageCache(settings.pageCacheBytes) : noPageCache;
  const record = (seen: SeenRequest) => requests.push(seen);
  const nights = createNights(tenant, pages.clear);
  const passDay = createDays(tenant, nights, {seed: settings.seed, onEdit: pages.clear});
  const answer = answerFrom(tenant, settings, nights);
  const server = await listen(serve({answer, settings, pages, faults: () => faults, record, passDay}), settings.port);
  return {
    url: server.url,
    options,
    credentials: settings.credentials,
    requests,
    truth: (table, options) => tellTruth(table, tenant, settings, options),
    reports: tenant.reports,
    nights,
    passDay,
    edit: (table, courseId) => watchEdits(findEdits(tenant, table, courseId), pages.clear),
    setFaults(next) {
      faults = createFaults(next);
    },
    close: server.close,
  };
}
