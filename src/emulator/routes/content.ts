import {envelop, sliceByOffset} from '../http/envelope.js';
import {Refusal} from '../http/reply.js';
import type {Ids} from '../random.js';
import {type Call, get, type Route} from './route.js';

export const contentRoutes: readonly Route[] = [
  // Not a word about where the list ends (tables/API.md#channels).
  get('/learn/v1/channels', call => {
    const {items} = sliceByOffset(call.tenant.content.channels, call);
    return {data: {user: [], channel: [], items}, version: '1.0.0', _links: []};
  }),
  get('/learn/v1/channels/{id}/assets', call => {
    const {channels, channelIds, itemsOf} = call.tenant.content;
    const index = find(channelIds, call, 'channel');
    const {items, total, hasMore} = sliceByOffset(itemsOf(index), call);
    const channel = {...channels.at(index), items_count: total, has_more_data: hasMore, items};
    return {data: {user: [], channel}, version: '1.0.0', _links: []};
  }),
  get('/share/v1/assets', call => envelop(call.tenant.content.assets, call)),
  get('/share/v1/assets/{id}/channels', call => {
    const {assetIds, channelsOf} = call.tenant.content;
    return envelop(channelsOf(find(assetIds, call, 'asset')), call);
  }),
];

function find(ids: Ids, {id}: Pick<Call, 'id'>, thing: string): number {
  const index = ids.index(Number(id));
  if (index === undefined) throw new Refusal(404, `The ${thing} does not exist.`);
  return index;
}
