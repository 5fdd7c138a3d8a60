import {RejectedError} from '../errors.js';
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

/** A user who is there, and what is known of it by the names of `UserChanges`. */
export interface Standing {
  readonly userId: string;
  readonly details: Readonly<Record<string, string | null>>;
  /** Null if that is not known. */
  readonly isActive: boolean | null;
}

/** One of Docebo's two ways to write users. */
export interface UserApi {
  /** Undefined if there is no such user. */
  find(who: Who, signal?: AbortSignal): Promise<Standing | undefined>;
  create(user: NewUser): Write;
  update(user: Standing, changes: UserChanges): Write;
  deactivate(user: Standing): Write;
  remove(user: Standing): Write;
}

/** Whether Docebo says that there is no such user: by 404, or by the legacy API's number for it (tables/API.md#legacy-api). */
export function isUnknownUser(error: unknown): boolean {
  return error instanceof RejectedError && !error.isPage && (error.status === 404 || error.error === '201');
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
