import {envelop} from '../http/envelope.js';
import {Refusal} from '../http/reply.js';
import {userFieldList, userFieldsWithOptions} from '../tenant/fields.js';
import {type Call, get, type Route} from './route.js';

export const manageRoutes: readonly Route[] = [
  get('/manage/v1/user', call => envelop(call.tenant.users.list, call)),
  get('/manage/v1/user_fields', call =>
    call.query.has('as_array')
      ? {data: userFieldsWithOptions, version: '1.0.0', _links: []}
      : envelop(userFieldList, call),
  ),
  get('/manage/v1/orgchart', call => envelop(listBranches(call), call)),
  get('/audiences/v1/audience', call => {
    if (call.settings.legacyGroups) throw new Refusal(404);
    return envelop(call.tenant.groups.list, call);
  }),
  get('/audiences/v1/audience/{id}/users', call => {
    const {groups} = call.tenant;
    return envelop(groups.members(findGroup(call.settings.legacyGroups ? undefined : groups.index(call.id))), call);
  }),
  get('/manage/v1/group', call => {
    if (!call.settings.legacyGroups) throw new Refusal(404);
    return envelop(call.tenant.groups.numbered, call);
  }),
  get('/manage/v1/group/{id}/members', call => {
    const {groups} = call.tenant;
    const group = groups.numbers.index(Number(call.id));
    return envelop(groups.numberedMembers(findGroup(call.settings.legacyGroups ? group : undefined)), call);
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

function findGroup(group: number | undefined): number {
  if (group === undefined) throw new Refusal(404, 'The group does not exist.');
  return group;
}
