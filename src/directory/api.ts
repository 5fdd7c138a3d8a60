import {readId} from '../client/users.js';
import {RejectedError, UsageError} from '../errors.js';
import {refuseBlank} from './sign-in.js';
import type {Write} from './writer.js';

/** Which user is meant. */
export type Who = {readonly userId: number | bigint | string} | {readonly username: string};

/** What can be written of a user. What is left out stays as it is, or as Docebo makes it. */
export interface UserDetails {
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly password?: string;
  /** Code of the language. */
  readonly language?: string;
  readonly timezone?: string;
  /** Values of additional fields by the number of the field; of a drop-down the id of the option. Only by the modern API. */
  readonly additionalFields?: Readonly<Record<number, string | number>>;
}

export interface NewUser extends UserDetails {
  readonly username: string;
}

export interface UserChanges extends UserDetails {
  readonly username?: string;
}

/** Who is meant, checked: by one of the two. */
export type KnownWho = {readonly userId: string} | {readonly username: string};

/** Throws UsageError unless just one user is named, and by one thing: of two, either might be the mistaken one. */
export function readWho(who: Who): KnownWho {
  const {userId, username}: {userId?: number | bigint | string; username?: string} = {...who};
  if ((userId === undefined) === (username === undefined))
    throw new UsageError('A user is named by either userId or username.');
  if (username === undefined) return {userId: readId(userId ?? '')};
  refuseBlank('username', username);
  return {username};
}

/** What is given of a user. No additional fields are the same as none given. */
export function listGiven(user: UserChanges): readonly (readonly [name: string, value: unknown])[] {
  return Object.entries(user).filter(
    ([, value]) => value !== undefined && !(typeof value === 'object' && Object.keys(value ?? {}).length === 0),
  );
}

/**
 * Throws UsageError for what cannot be written: a name that `UserDetails` does not have would be left out, and a number that JSON does not know, or that a
 * double has rounded, would be sent as another value.
 */
export function refuseUnwritable(user: UserChanges): void {
  const known = [...Object.keys(memberNames), 'additionalFields'];
  for (const [name, value] of Object.entries(user)) {
    if (!known.includes(name))
      throw new UsageError(`${JSON.stringify(name)} is nothing that can be written of a user.`, {
        hint: `Known are ${known.join(', ')}.`,
      });
    if (value !== undefined && name !== 'additionalFields' && typeof value !== 'string')
      throw new UsageError(`${name} takes a text.`, {hint: 'Leave it out to keep what is there.'});
  }
  for (const [id, value] of Object.entries<unknown>(user.additionalFields ?? {})) {
    const isExact =
      typeof value === 'number' && (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value));
    if (!/^[1-9]\d{0,14}$/.test(id))
      throw new UsageError(`An additional field is named by its number, not by ${JSON.stringify(id)}.`);
    if (typeof value !== 'string' && !isExact)
      throw new UsageError(`The additional field ${id} takes a text or an exact number.`);
  }
}

/** A user who is there, and what is known of it by the names of `UserChanges`. */
export interface Standing {
  readonly userId: string;
  /** What was not read is left out. */
  readonly details: Readonly<Record<string, string | null>>;
  /** Null if that is not known. */
  readonly isActive: boolean | null;
}

/** One of Docebo's two ways to write users. */
export interface UserApi {
  /** Undefined if there is no such user. */
  find(who: KnownWho, signal?: AbortSignal): Promise<Standing | undefined>;
  create(user: NewUser): Write;
  update(user: Standing, changes: UserChanges): Write;
  deactivate(user: Standing): Write;
  remove(user: Standing): Write;
}

/** Whether the legacy API says that there is no such user, by its own number for it (tables/API.md#legacy-api): a 404 may say that there is no such route. */
export function isUnknownUser(error: unknown): boolean {
  return error instanceof RejectedError && !error.isPage && error.error === '201';
}

/** Members that both APIs call alike (tables/API.md#writing-users). */
export const memberNames = {
  username: 'userid',
  firstName: 'firstname',
  lastName: 'lastname',
  password: 'password',
  email: 'email',
  language: 'language',
  timezone: 'timezone',
} as const satisfies Readonly<Record<Exclude<keyof NewUser, 'additionalFields'>, string>>;

/** What is given, under Docebo's names, in one order. */
export function nameMembers(user: UserChanges): readonly (readonly [name: string, value: string])[] {
  return Object.entries(memberNames).flatMap(([name, theirs]) => {
    const value = user[name as keyof typeof memberNames];
    return value === undefined ? [] : [[theirs, value] as const];
  });
}
