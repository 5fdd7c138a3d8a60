import {boolean, defineTable, integer, json, text, timestamp} from '../src/table.js';
import {assets} from './assets.js';
import {channels} from './channels.js';

export const assetChannels = defineTable({
  name: 'asset_channels',
  area: 'content',
  description:
    'Which assets are in which channels, at one call for each asset. channel_assets tells the same in fewer calls, of the channels that the credential may see.',
  routes: [
    {
      // page_size=-1 gives all of them at once, but so does a page: no asset is in more than 200 channels. tables/API.md#asset_channels
      path: '/share/v1/assets/{asset_id}/channels',
      parent: {table: assets, bind: {asset_id: 'id'}},
      tolerate: {404: 'The asset was deleted after the assets were listed.'},
    },
  ],
  primaryKey: ['asset_id', 'channel_id'],
  columns: {
    asset_id: integer('Asset that is in the channel.', {references: assets}),
    channel_id: integer('Channel that holds the asset.', {references: channels}),
    name: text('Name of the channel.'),
    description: text('What the channel is about.'),
    created: timestamp('When the channel was created.'),
    uid_predefined: text('Which of Docebo’s own channels it is; null for all others.'),
    is_enabled: boolean('Whether the channel is in use.'),
    ordering: integer('Position of the channel.'),
    sorting: text('How the channel sorts what it holds.'),
    permissions: integer('Who may see the channel, as a number; its meaning is not known.'),
    peer_review: boolean('Whether experts review what is shared in the channel.'),
    icon: json('Icon of the channel with its colours.'),
  },
});
