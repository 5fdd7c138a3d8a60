import {readId} from '../client/users.js';
import {UsageError} from '../errors.js';
import {isUnknownUser, nameMembers, type Standing, type UserApi, type UserChanges, type Who} from './api.js';
import {type LegacyCredentials, signLegacy} from './signature.js';
import type {Write, Writer} from './writer.js';

type Parameters = readonly (readonly [name: string, value: string])[];

/** Users are written by `/api/user` (tables/API.md#legacy-api), each call signed with the key pair. */
export function legacyApi(credentials: LegacyCredentials, writer: Writer): UserApi {
  const call = (action: string, parameters: Parameters): Write => ({
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
  });
  return {
    async find(who: Who, signal?: AbortSignal): Promise<Standing | undefined> {
      // There is no call that looks a user up by id.
      if ('userId' in who) return {userId: readId(who.userId), details: {}, isActive: null};
      try {
        const answer = await writer.send(call('checkUsername', [['userid', who.username]]), signal);
        const {idst, firstname, lastname, email} = asMembers(answer);
        const details = {
          username: who.username,
          firstName: asText(firstname),
          lastName: asText(lastname),
          email: asText(email),
        };
        return {userId: readId(asText(idst) ?? ''), details, isActive: null};
      } catch (error) {
        if (isUnknownUser(error)) return undefined;
        throw error;
      }
    },
    create: user => call('create', toParameters(user)),
    update: ({userId}, changes) => call('edit', [['idst', userId], ...toParameters(changes)]),
    // That `valid` is called so here too is inferred. tables/API.md#legacy-api
    deactivate: ({userId}) =>
      call('edit', [
        ['idst', userId],
        ['valid', '0'],
      ]),
    remove: ({userId}) => call('delete', [['idst', userId]]),
  };
}

function toParameters({additionalFields, timezone, ...user}: UserChanges): Parameters {
  if (additionalFields === undefined && timezone === undefined) return nameMembers(user);
  throw new UsageError('additionalFields and timezone cannot be written by the legacy API.', {
    hint: "Leave them out, or use the modern API (api: 'modern').",
  });
}

function asMembers(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? {...value} : {};
}

function asText(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
