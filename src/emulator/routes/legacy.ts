import {type Call, type Route, route} from './route.js';
import {changeUser, type Found, findById, findByName} from './write-users.js';

/** As recorded in 2016 (tables/API.md#legacy-api): the number of a failure is the status too. */
export class LegacyFailure extends Error {
  readonly number: number;
  constructor(number: number, message: string) {
    super(message);
    this.number = number;
  }
}

export const legacyRoutes: readonly Route[] = [
  route('POST', '/api/user/checkUsername', call => {
    const {id, record} = findByName(call, textOf(call, 'userid')) ?? refuseUnknown();
    const {first_name: firstname, last_name: lastname, email} = record;
    return {idst: id, firstname, lastname, email, success: true};
  }),
  route('POST', '/api/user/create', call => {
    const username = textOf(call, 'userid');
    if (username === '') throw new LegacyFailure(201, 'Empty userid');
    if (findByName(call, username) !== undefined)
      throw new LegacyFailure(204, 'Cannot save user: the username is taken');
    const id = call.nights.addUser({changes: changeUser(call.body)});
    return {idst: id, success: true};
  }),
  route('POST', '/api/user/edit', call => {
    const {id} = findOwn(call);
    call.nights.touchUser(id, {changes: changeUser(call.body)});
    return {idst: id, success: true};
  }),
  route('POST', '/api/user/delete', call => {
    const {id} = findOwn(call);
    call.nights.removeUser(id);
    return {idst: id, success: true};
  }),
];

function findOwn(call: Call): Found {
  return findById(call, Number(textOf(call, 'idst'))) ?? refuseUnknown();
}

function textOf({body}: Call, name: string): string {
  return String(body[name] ?? '');
}

function refuseUnknown(): never {
  throw new LegacyFailure(201, 'User not found');
}
