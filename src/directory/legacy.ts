import {ResponseError, UsageError} from '../errors.js';
import {asMembers} from '../json/members.js';
import {
  isUnknownUser,
  type KnownWho,
  listGiven,
  nameMembers,
  type Standing,
  type UserApi,
  type UserChanges,
} from './api.js';
import {type LegacyCredentials, signLegacy} from './signature.js';
import type {Write, Writer} from './writer.js';

type Parameters = readonly (readonly [name: string, value: string])[];

/** Users are written by `/api/user` (tables/API.md#legacy-api), each call signed with the key pair. */
export function legacyApi(credentials: LegacyCredentials, writer: Writer): UserApi {
  const call = (action: string, parameters: Parameters, userId?: string): Write => ({
    method: 'POST',
    path: `/api/user/${action}`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-authorization': signLegacy(
        parameters.map(([, value]) => value),
        credentials,
      ),
    },
    body: new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value])).toString(),
    isSigned: true,
    changes: action !== 'checkUsername',
    ...(userId !== undefined && {userId}),
  });
  return {
    async find(who: KnownWho, signal?: AbortSignal): Promise<Standing | undefined> {
      // There is no call that looks a user up by id.
      if ('userId' in who) return {userId: who.userId, details: {}, isActive: null};
      try {
        const answer = await writer.send(call('checkUsername', [['userid', who.username]]), signal);
        const {idst, firstname, lastname, email} = asMembers(answer);
        const userId = asText(idst) ?? '';
        if (!/^[1-9]\d{0,18}$/.test(userId))
          throw new ResponseError('POST /api/user/checkUsername was answered without the id of the user.');
        // Not the username: it is asked for in any case, and not sent.
        const details = {
          firstName: asText(firstname),
          lastName: asText(lastname),
          email: asText(email),
        };
        return {userId, details, isActive: null};
      } catch (error) {
        if (isUnknownUser(error)) return undefined;
        throw error;
      }
    },
    create: user => call('create', toParameters(user)),
    update: ({userId}, changes) => call('edit', [['idst', userId], ...toParameters(changes)], userId),
    // That `valid` is called so here too is inferred. tables/API.md#legacy-api
    deactivate: ({userId}) =>
      call(
        'edit',
        [
          ['idst', userId],
          ['valid', '0'],
        ],
        userId,
      ),
    remove: ({userId}) => call('delete', [['idst', userId]], userId),
  };
}

function toParameters(user: UserChanges): Parameters {
  if (!listGiven(user).some(([name]) => name === 'additionalFields' || name === 'timezone')) return nameMembers(user);
  throw new UsageError('additionalFields and timezone cannot be written by the legacy API.', {
    hint: "Leave them out, or use the modern API (api: 'modern').",
  });
}

function asText(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
