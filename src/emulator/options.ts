import type {Fault} from './faults.js';
import type {Credentials} from './http/tokens.js';

export interface EmulatorOptions {
  /** Everything else is in proportion to it. */
  readonly users?: number;
  readonly seed?: number;
  readonly port?: number;
  readonly tokenLifetimeSeconds?: number;
  readonly latencyMs?: number;
  readonly faults?: readonly Fault[];
  /** Left out: no limit. */
  readonly quotaPerHour?: number;
  /** How a refusal for the quota says when to come back, by the clock of `now`; whether Docebo does is not known (tables/API.md#rate-limits). */
  readonly retryAfter?: 'seconds' | 'date' | 'none';
  /** false: the enrolments of all courses at once are refused with 403. */
  readonly bulkEnrollments?: boolean;
  /** false: `flattened=true` is ignored, as a tenant may do (tables/API.md#branches). */
  readonly flattenedOrgChart?: boolean;
  /** true: the plain list of categories is the whole tree, which is not known (tables/API.md#categories). */
  readonly flatCategories?: boolean;
  /**
   * 'uuid': audiences and their users. In the others groups and their members go by number, as the reference connector asks for them
   * (tables/API.md#groups): 'numbered' lists them at the path of audiences, 'legacy' at the older one.
   */
  readonly groups?: 'uuid' | 'numbered' | 'legacy';
  /** 'managed': the catalogue is refused with 403, and the management list alone served, which has another schema (tables/API.md#courses). */
  readonly courses?: 'catalogue' | 'managed';
  /** 'map': sessions come only as a map keyed by id (tables/API.md#other-shapes). */
  readonly sessionsRoute?: 'paged' | 'map';
  /** The most records that a page holds, whatever is asked for. */
  readonly largestPage?: number;
  /** 'frozen': a cursor pages over the list as it was; 'absent': there is none; 'expired': whoever comes with one is refused. */
  readonly cursors?: 'frozen' | 'absent' | 'expired';
  readonly credentials?: Credentials;
  /** false: no body is zipped, whatever the client takes. */
  readonly gzip?: boolean;
  /** true: a page is made once and its bytes are served again from memory, for benchmarks. */
  readonly pageCache?: boolean;
  /** The most that the page cache holds, bodies counted before they are zipped. */
  readonly pageCacheBytes?: number;
  /** Told of each request for data once it is answered, before the next is looked at: the place to edit a list. */
  readonly onAnswered?: (pathAndQuery: string, status: number) => void;
  /** Milliseconds since the epoch, by which tokens expire and the quota refills: a clock that runs faster makes the hour shorter. */
  readonly now?: () => number;
}

export type Settings = Required<Omit<EmulatorOptions, 'now'>> & {readonly now: () => number};

export const demoCredentials: Credentials = {
  clientId: 'docebo-demo',
  clientSecret: 'demo-client-secret',
  username: 'admin@example.com',
  password: 'demo-password',
};

export function settle(options: EmulatorOptions): Settings {
  return {
    users: 200,
    seed: 1,
    port: 0,
    tokenLifetimeSeconds: 3600,
    latencyMs: 0,
    faults: [],
    quotaPerHour: Number.POSITIVE_INFINITY,
    retryAfter: 'seconds',
    bulkEnrollments: true,
    flattenedOrgChart: true,
    flatCategories: false,
    groups: 'uuid',
    courses: 'catalogue',
    sessionsRoute: 'paged',
    largestPage: 200,
    cursors: 'frozen',
    credentials: demoCredentials,
    gzip: true,
    pageCache: false,
    pageCacheBytes: 8_000_000_000,
    onAnswered: () => {},
    now: Date.now,
    ...options,
  };
}
