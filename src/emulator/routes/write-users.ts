import {isSignIn} from '../http/legacy-signature.js';
import {Attachment, Refusal} from '../http/reply.js';
import {iterate, type SentRecord} from '../list.js';
import {type Call, get, type Route, route} from './route.js';

/** A user, as the list sends it. */
export interface Found {
  readonly id: number;
  readonly record: SentRecord;
}

/** Users are made, changed and removed (tables/API.md#writing-users). */
export const writeRoutes: readonly Route[] = [
  route('POST', '/manage/v1/user', call => {
    const {userid, email} = call.body;
    const faults = [
      ...(typeof userid === 'string' && userid.trim() !== ''
        ? []
        : [{id: 'userid', message: 'Username cannot be blank.'}]),
      ...(findByName(call, String(userid)) === undefined
        ? []
        : [{id: 'userid', message: 'The username is already taken.'}]),
      ...(email === undefined || /@/.test(String(email))
        ? []
        : [{id: 'email', message: 'Email is not a valid email address.'}]),
    ];
    if (faults.length > 0) return {data: {success: false, message: faults}, version: '1.0.0', _links: []};
    const id = call.nights.addUser({changes: changeUser(call.body)});
    return {data: {success: true, user_id: id}, version: '1.0.0', _links: []};
  }),
  route('PUT', '/manage/v1/user/change_status', call => {
    const ids = idsOf(call);
    const found = ids.filter(id => findById(call, id) !== undefined);
    for (const id of found) call.nights.touchUser(id, {changes: {status: String(call.body['status'])}});
    const left = ids.filter(id => !found.includes(id));
    return {data: {success: true, updated_ids: found, not_updated_ids: left}, version: '1.0.0', _links: []};
  }),
  route('PUT', '/manage/v1/user/{id}', call => {
    const {id} = findById(call, Number(call.id)) ?? refuse();
    call.nights.touchUser(id, {changes: changeUser(call.body)});
    return {data: {success: true, updated_id: id}, version: '1.0.0', _links: []};
  }),
  route('DELETE', '/manage/v1/user/delete', call => {
    const found = idsOf(call).filter(id => findById(call, id) !== undefined);
    if (found.length === 0) refuse();
    for (const id of found) call.nights.removeUser(id);
    return {data: {success: true, deleted_user_ids: found}, version: '1.0.0', _links: []};
  }),
  /** Where a sign-in URL leads (tables/API.md#sign-in-urls). */
  get('/lms/index.php', call => {
    const user = findByName(call, call.query.get('login_user') ?? '');
    const username = String(user?.record['username']);
    if (user === undefined || !isSignIn(call.query, username, call.settings.legacyCredentials)) throw new Refusal(403);
    return new Attachment(Buffer.from(`<!DOCTYPE html><title>${user.id}</title>`), 'text/html; charset=UTF-8');
  }),
];

function idsOf({body}: Call): readonly number[] {
  return [body['user_ids'] ?? []].flat().map(Number);
}

/** Names are compared in any case, as MySQL does; that Docebo does so is INFERRED. */
export function findByName({tenant: {users}}: Call, username: string): Found | undefined {
  const wanted = username.toLowerCase();
  for (const record of iterate(users.list))
    if (String(record['username']).toLowerCase() === wanted) return {id: Number(record['user_id']), record};
  return undefined;
}

export function findById({tenant: {users}}: Call, id: number): Found | undefined {
  const index = users.ids.index(id);
  return index === undefined || !users.order.has(index) ? undefined : {id, record: users.record(index)};
}

/** What a write makes of the members that the list sends. */
export function changeUser(body: Call['body']): SentRecord {
  const names = {userid: 'username', firstname: 'first_name', lastname: 'last_name', email: 'email', valid: 'status'};
  const changes = Object.entries(names).flatMap(([theirs, ours]) =>
    body[theirs] === undefined ? [] : [[ours, String(body[theirs])]],
  );
  const fields = [body['additional_fields'] ?? []].flat().flatMap((field: unknown) => {
    const {id, value}: {id?: unknown; value?: unknown} = typeof field === 'object' && field !== null ? field : {};
    return id === undefined ? [] : [[`field_${id}`, value]];
  });
  return Object.fromEntries([...changes, ...fields]);
}

function refuse(): never {
  throw new Refusal(404, 'The user does not exist.');
}
