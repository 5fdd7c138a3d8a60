import {envelop} from '../http/envelope.js';
import {Refusal} from '../http/reply.js';
import {type List, listOf, mapList} from '../list.js';
import {
  describeUserField,
  enrolmentFieldList,
  userFieldList,
  userFieldsWithOptions,
  withChoiceIds,
} from '../tenant/fields.js';
import {managerTypes} from '../tenant/users.js';
import {filterChanges, searchText} from './filters.js';
import {type Call, get, type Route} from './route.js';

export const manageRoutes: readonly Route[] = [
  get('/manage/v1/user', call => envelop(listUsers(call), call)),
  get('/manage/v1/user/{id}', call => ({
    data: {user_data: call.tenant.users.record(findUser(call))},
    version: '1.0.0',
  })),
  get('/manage/v1/user_fields', call =>
    call.query.has('as_array') && call.settings.fieldsAsArray
      ? {data: userFieldsWithOptions, version: '1.0.0', _links: []}
      : envelop(userFieldList, call),
  ),
  get('/manage/v1/user_fields/{id}', ({id}) => ({
    data: describeUserField(Number(id)) ?? refuse('The field does not exist.'),
    version: '1.0.0',
    _links: [],
  })),
  get('/manage/v1/managers', call => envelop(listOf(managerTypes), call)),
  get('/manage/v1/user/{id}/subordinates', call => {
    if (call.settings.subordinates !== 'of-user') refuse();
    return envelop(
      mapList(listReports(call), user => {
        const {firstName: name, lastName: surname, username} = call.tenant.users.person(user);
        return {user_id: call.tenant.users.ids.id(user), username, name, surname, email: username};
      }),
      call,
    );
  }),
  get('/manage/v1/managers/{id}/subordinates', call => {
    if (call.settings.subordinates !== 'of-manager') refuse();
    return envelop(
      mapList(listReports(call), user => {
        const {firstName: firstname, lastName: lastname, username} = call.tenant.users.person(user);
        const fullname = `${firstname} ${lastname}`;
        return {user_id: call.tenant.users.ids.id(user), username, fullname, firstname, lastname, email: username};
      }),
      call,
    );
  }),
  get('/manage/v1/enrollment_fields', call => envelop(enrolmentFieldList, call)),
  get('/manage/v1/orgchart', call => {
    const {namesRoot} = call.settings;
    return envelop(listBranches(call), call, namesRoot ? {extraData: call.tenant.branches.root} : {});
  }),
  get('/manage/v1/orgchart/{id}/users', call => {
    const {users} = call.tenant;
    const isAlone = ['1', 'true'].includes(call.query.get('only_first_level') ?? '');
    const members = listMembers(call, Number(call.id), isAlone);
    return envelop(
      mapList(members, user => {
        const {user_id, username, first_name, last_name, email} = users.record(user);
        return {user_id: Number(user_id), username, firs_name: first_name, last_name, email};
      }),
      call,
    );
  }),
  get('/audiences/v1/audience', call => {
    const {groups} = call.tenant;
    const lists = {uuid: groups.list, numbered: groups.numbered, legacy: undefined};
    return envelop(lists[call.settings.groups] ?? refuse(), call);
  }),
  get('/audiences/v1/audience/{id}/users', call => {
    const {groups} = call.tenant;
    const group = call.settings.groups === 'uuid' ? groups.index(call.id) : undefined;
    return envelop(groups.members(group ?? refuse('The group does not exist.')), call);
  }),
  get('/manage/v1/group', call =>
    envelop(call.settings.groups === 'legacy' ? call.tenant.groups.numbered : refuse(), call),
  ),
  get('/manage/v1/group/{id}/members', call => {
    const {groups} = call.tenant;
    const group = call.settings.groups === 'uuid' ? undefined : groups.numbers.index(Number(call.id));
    return envelop(groups.numberedMembers(group ?? refuse('The group does not exist.')), call);
  }),
];

/** What `search_text` looks at (tables/API.md#users). */
const userTexts = ['first_name', 'last_name', 'username', 'email'];

/** All users, or those of a branch: alone, or with the branches below it (tables/API.md#user_branches). */
function listUsers(call: Call): List {
  const {users, pendingUsers} = call.tenant;
  if (call.query.get('pending') === '1') return pendingUsers;
  const branch = call.query.get('branch_id');
  if (branch === null) {
    const list = call.settings.dropdowns === 'ids' ? mapList(users.list, withChoiceIds) : users.list;
    const changed = filterChanges(call, 'users', {list, sieve: call.tenant.sieves.users});
    return searchText(changed, call, userTexts);
  }
  const members = listMembers(call, Number(branch), call.query.get('selection_status') !== '2');
  return searchText(mapList(members, users.record), call, userTexts);
}

function listReports(call: Call): List<number> {
  return listOf(call.tenant.users.reportsOf(findUser(call)));
}

function findUser({tenant: {users}, id}: Call): number {
  const user = users.ids.index(Number(id));
  if (user === undefined || !users.order.has(user)) refuse('The user does not exist.');
  return user;
}

function listMembers({tenant: {branches, branchMembers}}: Call, node: number, isAlone: boolean): List<number> {
  const nodes = branches.withBelow(node);
  if (nodes.length === 0) throw new Refusal(404, 'The branch does not exist.');
  return branchMembers.in(isAlone ? [node] : nodes);
}

/** Direct children of the node, unless the whole tree is asked for (tables/API.md#branches). */
function listBranches({tenant, query, settings}: Call) {
  const wantsAll = ['true', '1'].includes(query.get('flattened') ?? '');
  if (wantsAll && settings.flattenedOrgChart) return tenant.branches.flattened;
  const children = tenant.branches.children(Number(query.get('node_id') ?? 0));
  if (children === undefined) throw new Refusal(404, 'The node does not exist.');
  return children;
}

function refuse(message?: string): never {
  throw new Refusal(404, message);
}
