import {Users} from '../client/users.js';
import type {Docebo} from '../source/docebo.js';
import {type KnownWho, nameMembers, type Standing, type UserApi, type UserChanges} from './api.js';
import type {Write} from './writer.js';

/** Users are written by `/manage/v1/user` (tables/API.md#writing-users), with the bearer token. */
export function modernApi(docebo: Docebo): UserApi {
  const users = new Users(docebo);
  return {
    async find(who: KnownWho, signal?: AbortSignal): Promise<Standing | undefined> {
      const options = signal === undefined ? {} : {signal};
      const user = await ('username' in who ? users.find(who, options) : users.get(who.userId, options));
      if (user === undefined) return undefined;
      const {username, email, first_name: firstName, last_name: lastName, status, timezone} = user;
      return {
        userId: String(user.user_id),
        details: {username, email, firstName, lastName, timezone},
        isActive: status,
      };
    },
    create: user => json('POST', '/manage/v1/user', toBody(user)),
    // The specification wants the username in each change.
    update: ({userId, details}, changes) =>
      json(
        'PUT',
        `/manage/v1/user/${userId}`,
        {...(details['username'] != null && {userid: details['username']}), ...toBody(changes)},
        userId,
      ),
    deactivate: ({userId}) =>
      send('PUT', '/manage/v1/user/change_status', `{"status":"0","user_ids":[${userId}]}`, userId),
    remove: ({userId}) => send('DELETE', '/manage/v1/user/delete', `{"user_ids":[${userId}]}`, userId),
  };
}

function toBody({additionalFields, ...user}: UserChanges) {
  const fields = Object.entries(additionalFields ?? {}).map(([id, value]) => ({id: Number(id), value}));
  return {...Object.fromEntries(nameMembers(user)), ...(fields.length > 0 && {additional_fields: fields})};
}

function json(method: Write['method'], path: string, body: object, userId?: string): Write {
  return send(method, path, JSON.stringify(body), userId);
}

/** An id goes as the digits that it has: as a double it might become that of another user. */
function send(method: Write['method'], path: string, body: string, userId?: string): Write {
  const headers = {'content-type': 'application/json'};
  const write = {method, path, headers, body, isSigned: false, changes: true};
  return userId === undefined ? write : {...write, userId};
}
