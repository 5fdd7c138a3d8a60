import {users} from '../../tables/users.js';
import {AmbiguousError, RejectedError, ResponseError, UsageError} from '../errors.js';
import {isDerived} from '../routes.js';
import {boundBy, type Docebo} from '../source/docebo.js';
import {Calls} from '../source/lists/calls.js';
import {PageFormat} from '../source/lists/page.js';
import {lookAt} from '../source/merge/look.js';
import {castPage} from './read-list.js';
import {type RowsOptions, TableRows, type TypedRow} from './table-rows.js';
import {userDetail} from './user-detail.js';

/** A row of the table of users. */
export type User = TypedRow<typeof users>;

export interface UserListOptions extends Pick<RowsOptions, 'limit' | 'signal'> {
  /**
   * Users whose first name, last name, username or email holds the text, as Docebo finds them. A full page of which no user holds it anywhere shows that
   * Docebo ignores the search, and is refused with a ResponseError.
   */
  readonly searchText?: string;
  /** Users of this branch. */
  readonly branchId?: number | bigint;
  /** Whether those of the branches below it come too. @default false */
  readonly withBranchesBelow?: boolean;
}

/** How one user is found: by either of these, in any case. */
export type UserIdentity = {readonly username: string} | {readonly email: string};

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** The users of the tenant, those who are pending left out. */
export class Users {
  readonly #docebo: Docebo;
  readonly #rows: TableRows<typeof users>;

  constructor(docebo: Docebo) {
    this.#docebo = docebo;
    this.#rows = new TableRows(docebo, users);
  }

  /** Users, each once, in the order of their usernames. Throws UsageError at once for an empty text or a limit that cannot be. */
  list({
    searchText,
    branchId,
    withBranchesBelow = false,
    ...options
  }: UserListOptions = {}): AsyncGenerator<User, void> {
    const filter = {
      ...(searchText !== undefined && {search_text: searchText}),
      ...(branchId !== undefined && {branch_id: branchId, selection_status: withBranchesBelow ? 2 : 1}),
    };
    return this.#rows.rows({...options, filter});
  }

  /**
   * The user with this id; undefined if Docebo knows none (404). Columns that only the list sends, such as `last_update`, are null. Throws UsageError
   * for what is no id.
   */
  async get(userId: number | bigint | string, {signal}: CallOptions = {}): Promise<User | undefined> {
    const id = readId(userId);
    const docebo = boundBy(this.#docebo, signal);
    const [route] = userDetail.routes;
    if (route === undefined || isDerived(route)) throw new TypeError('The detail of a user has no route.');
    const format = new PageFormat(userDetail, route, 1);
    const page = await lookAt(
      format,
      {client: docebo.client, calls: new Calls(docebo.budget)},
      1,
      {},
      {user_id: id},
    ).catch((error: unknown) => {
      if (error instanceof RejectedError && error.status === 404 && !error.isPage) return undefined;
      throw error;
    });
    if (page === undefined) return undefined;
    const landing = {...page, bound: {}, state: 0, sentAfter: 0};
    const [row] = (await castPage(userDetail, landing)) as readonly User[];
    if (row !== undefined && String(row.user_id) === id) return row;
    throw new ResponseError(`${page.request} was answered with another user.`);
  }

  /**
   * The user with this username or email, in any case; undefined if there is none. If several have it, the one who has it in this very case. Throws
   * AmbiguousError if there is no such one, and UsageError for an empty text, and for both of them or neither.
   */
  async find(identity: UserIdentity, {signal}: CallOptions = {}): Promise<User | undefined> {
    const {column, wanted} = readIdentity(identity);
    const options = signal === undefined ? {} : {signal};
    const fold = (text: string | null) => text?.normalize().toLowerCase();
    const found = new Map<bigint, User>();
    // Whether a full match is heeded, and heeds case, is not known: without one, the text is searched for. tables/API.md#users
    for (const full of [{match_type: 'full'}, {}]) {
      const rows = this.#rows.rows({filter: {search_text: wanted, ...full}, ...options});
      for await (const row of rows) if (fold(row[column]) === fold(wanted)) found.set(row.user_id, row);
      if (found.size > 0) break;
    }
    const all = [...found.values()];
    const exact = all.filter(row => row[column] === wanted);
    const [only, ...others] = exact.length === 1 || all.length === 0 ? exact : all;
    if (others.length === 0) return only;
    throw new AmbiguousError(`${all.length} users have the ${column} ${JSON.stringify(wanted)}.`, {
      hint: `Their ids are ${all.map(row => row.user_id).join(', ')}: get takes one of them.`,
    });
  }
}

/** Without a text every user would be read, and of two texts either might be the mistaken one. */
function readIdentity(identity: UserIdentity) {
  const {username, email}: {username?: string; email?: string} = {...identity};
  if (username !== undefined && email === undefined) return {column: 'username', wanted: username.trim()} as const;
  if (email !== undefined && username === undefined) return {column: 'email', wanted: email.trim()} as const;
  throw new UsageError('A user is found by either username or email.');
}

/** Throws UsageError for anything but a whole number above 0 that is exact. */
export function readId(userId: number | bigint | string): string {
  const text = String(userId).trim();
  const isExact = typeof userId !== 'number' || Number.isSafeInteger(userId);
  if (/^0*[1-9]\d{0,18}$/.test(text) && isExact) return String(BigInt(text));
  throw new UsageError(`A user id is a whole number such as 51153, not ${JSON.stringify(String(userId))}.`, {
    hint: 'Use find({username}) or list({searchText}) for anything else.',
  });
}
