import type {OptionalArea} from './areas.js';
import {type ChangeFilter, usualChangeFilter} from './change-filter.js';
import {type ReportBehaviour, usualReports} from './exports.js';
import type {Fault} from './faults.js';
import type {LegacyCredentials} from './http/legacy-signature.js';
import type {Credentials} from './http/tokens.js';

export interface EmulatorOptions {
  /** The number of users, to which everything else is in proportion. */
  readonly users?: number;
  /** How many times the usual number of courses a user is in, a whole number. @default 1 */
  readonly enrolmentTimes?: number;
  readonly seed?: number;
  readonly port?: number;
  readonly tokenLifetimeSeconds?: number;
  readonly latencyMs?: number;
  readonly faults?: readonly Fault[];
  /** @default no limit */
  readonly quotaPerHour?: number;
  /** How a refusal for the quota says when to try again, by the clock of `now`. Whether Docebo says so is not known (tables/API.md#rate-limits). */
  readonly retryAfter?: 'seconds' | 'date' | 'none';
  /** false: the list of all courses' enrolments is refused with 403. */
  readonly bulkEnrollments?: boolean;
  /** false: `flattened=true` is ignored, which a tenant may do (tables/API.md#branches). */
  readonly flattenedOrgChart?: boolean;
  /** false: no reply names the root of the branches, so those in no branch cannot be asked for (tables/API.md#user_branches). */
  readonly namesRoot?: boolean;
  /** false: `as_array=1` is ignored, so that the choices of a dropdown come only with the field itself (tables/API.md#user_field_options). */
  readonly fieldsAsArray?: boolean;
  /** Which list of a manager's reports is served, the older or the newer (tables/API.md#manager_subordinates). */
  readonly subordinates?: 'of-user' | 'of-manager';
  /** Whether the plain list of categories is the whole tree. Which of the two Docebo sends is not known (tables/API.md#categories). */
  readonly flatCategories?: boolean;
  /**
   * 'uuid': audiences and their users. In the other modes groups and their members have numbers, as ingestr asks for them
   * (tables/API.md#groups): 'numbered' lists them at the path of audiences, 'legacy' at the older one.
   */
  readonly groups?: 'uuid' | 'numbered' | 'legacy';
  /** 'managed': the catalogue is refused with 403, so that only the management list is served, with its other schema (tables/API.md#courses). */
  readonly courses?: 'catalogue' | 'managed';
  /** true: the catalogue sends the values of additional fields, which is not known of it (tables/API.md#course_field_values). */
  readonly catalogueFields?: boolean;
  /** 'map': sessions come only as a map keyed by id (tables/API.md#other-shapes). */
  readonly sessionsRoute?: 'paged' | 'map';
  /**
   * How catalogs come with their items: 'whole'; 'cut', only some of them, whatever is asked for; 'flat', all items in one list without their
   * catalogs (tables/API.md#catalogs).
   */
  readonly catalogs?: 'whole' | 'cut' | 'flat';
  /** Areas whose apps are switched off: everything that they answer is refused. */
  readonly without?: readonly OptionalArea[];
  /** By which status. Which of the two Docebo sends is not known (tables/API.md#errors). */
  readonly absentStatus?: 403 | 404;
  /** The most records on a page, whatever is asked for. */
  readonly largestPage?: number;
  /** 'frozen': a cursor pages over the list as it was; 'absent': replies give no cursor; 'expired': requests with a cursor are refused. */
  readonly cursors?: 'frozen' | 'absent' | 'expired';
  /** What is made of `updated_from` and `updated_to`. What is left out is as usual. */
  readonly changeFilter?: Partial<ChangeFilter>;
  /** false: `type[]` of `/learn/v1/enrollments` is ignored, and plans come too (tables/API.md#enrollments). */
  readonly typeFilter?: boolean;
  /** What `match_type=full` makes of `search_text`, which is not known (tables/API.md#users). */
  readonly fullMatch?: 'any-case' | 'same-case' | 'ignored';
  /** How exports of reports go. What is left out is as usual. */
  readonly reports?: Partial<ReportBehaviour>;
  readonly credentials?: Credentials;
  /** The key pair of the legacy API, and the secret of sign-in URLs. */
  readonly legacyCredentials?: LegacyCredentials;
  /** false: no body is compressed, whatever the client accepts. */
  readonly gzip?: boolean;
  /** true: each page is made once and then served from memory, for benchmarks. */
  readonly pageCache?: boolean;
  /** The most bytes in the page cache, counted before compression. */
  readonly pageCacheBytes?: number;
  /** Whether the `field_N` of a user holds the text of a choice or its id, which is not known (tables/API.md#user_field_options). */
  readonly dropdowns?: 'texts' | 'ids';
  /** Called for each request for data once it is answered and before the next is handled: the place to edit a list. */
  readonly onAnswered?: (pathAndQuery: string, status: number) => void;
  /** The clock by which tokens expire and the quota refills, in milliseconds since the epoch: a faster clock makes the hour shorter. */
  readonly now?: () => number;
}

export type Settings = Required<Omit<EmulatorOptions, 'now' | 'reports' | 'changeFilter'>> & {
  readonly now: () => number;
  readonly reports: ReportBehaviour;
  readonly changeFilter: ChangeFilter;
};

export const demoCredentials: Credentials = {
  clientId: 'docebo-demo',
  clientSecret: 'demo-client-secret',
  username: 'admin@example.com',
  password: 'demo-password',
};

export const demoLegacyCredentials: LegacyCredentials = {
  key: 'demo-legacy-key',
  secret: 'demo-legacy-secret',
  ssoSecret: 'demo-sso-secret',
};

export function settle(options: EmulatorOptions): Settings {
  return {
    users: 200,
    enrolmentTimes: 1,
    seed: 1,
    port: 0,
    tokenLifetimeSeconds: 3600,
    latencyMs: 0,
    faults: [],
    quotaPerHour: Number.POSITIVE_INFINITY,
    retryAfter: 'seconds',
    bulkEnrollments: true,
    flattenedOrgChart: true,
    namesRoot: true,
    fieldsAsArray: true,
    subordinates: 'of-user',
    flatCategories: false,
    groups: 'uuid',
    courses: 'catalogue',
    catalogueFields: false,
    sessionsRoute: 'paged',
    catalogs: 'whole',
    dropdowns: 'texts',
    without: [],
    absentStatus: 403,
    largestPage: 200,
    cursors: 'frozen',
    typeFilter: true,
    fullMatch: 'any-case',
    credentials: demoCredentials,
    legacyCredentials: demoLegacyCredentials,
    gzip: true,
    pageCache: false,
    pageCacheBytes: 8_000_000_000,
    onAnswered: () => {},
    now: Date.now,
    ...options,
    reports: {...usualReports, ...options.reports},
    changeFilter: {...usualChangeFilter, ...options.changeFilter},
  };
}
