import {boolean, defineTable, integer, json, text, timestamp} from '../src/table.js';

export const channels = defineTable({
  name: 'channels',
  area: 'content',
  description: 'Channels that the credential may see. Whether that is all of them for a superadmin is not known.',
  // How many come at most, and whether the reply says where the list ends, is not known. tables/API.md#channels
  routes: [{path: '/learn/v1/channels', paging: 'offset'}],
  primaryKey: ['id'],
  columns: {
    id: integer('Id of the channel.'),
    name: text('Name of the channel.'),
    description: text('What the channel is about.'),
    created: timestamp('When the channel was created.'),
    is_enabled: boolean('Whether the channel is in use.'),
    predefined_uid: text('Which of Docebo’s own channels it is; null for all others.', {
      from: ['predefined_uid', 'uid_predefined'],
    }),
    icon: json('Icon of the channel with its colours.'),
  },
  ignores: {
    sub_items: 'Some of its items, which channel_assets holds in full.',
    is_followed: 'It depends on who asks.',
    notification: 'It depends on who asks.',
  },
});
