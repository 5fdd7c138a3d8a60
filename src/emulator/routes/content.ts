import {envelop, sliceByOffset, slicePage} from '../http/envelope.js';
import {Refusal} from '../http/reply.js';
import {chainLists, lazyList} from '../list.js';
import type {Ids} from '../random.js';
import {type Call, get, type Route} from './route.js';

export const contentRoutes: readonly Route[] = [
  get('/learn/v1/catalog', listCatalogs),
  get('/learn/v1/catalog/{id}', call => {
    const {ids, itemsOf} = call.tenant.catalogs;
    return envelop(itemsOf(find(ids, call, 'catalog')), call);
  }),
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

const itemsOfCut = 3;

/** The items of a catalog come along if they are asked for (tables/API.md#catalogs). */
function listCatalogs(call: Call): unknown {
  const {tenant, query, settings} = call;
  const {count, record, itemsOf} = tenant.catalogs;
  if (settings.catalogs === 'flat') {
    const sizes = Uint32Array.from({length: count}, (_, index) => itemsOf(index).length);
    const items = chainLists(sizes, (index, place) => itemsOf(index).at(place));
    return envelop(items, call, {extraData: {list_type: 1, default_sort_attr: 'item_name', default_sort_dir: 'asc'}});
  }
  const most = settings.catalogs === 'cut' ? itemsOfCut : Number(query.get('items_per_catalog') ?? Infinity);
  const catalogs = lazyList(count, index => {
    if (query.get('show_item_list') !== '1') return record(index);
    const sent = slicePage(itemsOf(index), {number: 1, size: most});
    return {...record(index), items_count: String(sent.length), sub_items: sent};
  });
  return envelop(catalogs, call);
}

function find(ids: Ids, {id}: Pick<Call, 'id'>, thing: string): number {
  const index = ids.index(Number(id));
  if (index === undefined) throw new Refusal(404, `The ${thing} does not exist.`);
  return index;
}
