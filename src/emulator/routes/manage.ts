import {envelop} from '../http/envelope.js';
import {Refusal} from '../http/reply.js';
import {enrolmentFieldList, userFieldList, userFieldsWithOptions} from '../tenant/fields.js';
import {type Call, get, type Route} from './route.js';

export const manageRoutes: readonly Route[] = [
  get('/manage/v1/user', call => envelop(call.tenant.users.list, call)),
  get('/manage/v1/user_fields', call =>
    call.query.has('as_array')
      ? {data: userFieldsWithOptions, version: '1.0.0', _links: []}
      : envelop(userFieldList, call),
  ),
  get('/manage/v1/enrollment_fields', call => envelop(enrolmentFieldList, call)),
  get('/manage/v1/orgchart', call => envelop(listBranches(call), call)),
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
