import {boolean, defineTable, integer, json, text, timestamp} from '../src/table.js';
import {channels} from './channels.js';
import {users} from './users.js';

const dependsOnCaller = 'It depends on who asks.';

export const channelAssets = defineTable({
  name: 'channel_assets',
  area: 'content',
  description:
    'What each channel holds: assets, playlists, courses and learning plans, as far as the credential may see them. Joins to assets, courses or learning_plans by type_id.',
  routes: [
    {
      path: '/learn/v1/channels/{channel_id}/assets',
      parent: {table: channels, bind: {channel_id: 'id'}},
      paging: 'offset',
      recordsAt: ['data.channel.items', 'data.items'],
      tolerate: {404: 'The channel was deleted after the channels were listed.'},
    },
  ],
  primaryKey: ['channel_id', 'type_id', 'id'],
  columns: {
    channel_id: integer('Channel that holds the item.', {references: channels}),
    type_id: text('What the item is: asset, playlist, my-course or my-lp, which is a learning plan.'),
    id: integer('Id of the item among those of its type.'),
    title: text('Title of the item.'),
    description: text('Description, as HTML.'),
    uri: text('Address of the item.'),
    image_url: text('Address of the image.'),
    course_type: text('elearning, classroom or webinar; null for what is no course.', {
      from: ['type', 'other_fields.type'],
    }),
    duration: text('Length of the item as sent.'),
    rating: text('Average rating as sent.'),
    // Members of other_fields in the specification of 2017, later beside it. tables/API.md#channel_assets
    publish_date: timestamp('When the item was published.', {from: ['publish_date', 'other_fields.publish_date']}),
    views: integer('How often the item was viewed.', {from: ['views', 'other_fields.views']}),
    is_private: boolean('Whether the item is private.', {from: ['is_private', 'other_fields.is_private']}),
    language: text('Language of the item.', {from: ['language', 'other_fields.language', 'language_code']}),
    assets_count: integer('Assets in a playlist.', {from: ['assets_count', 'other_fields.assets_count']}),
    courses_count: integer('Courses in a learning plan.', {from: ['courses_count', 'other_fields.courses_count']}),
    owner: json('Who shared the item, as sent.'),
    owner_id: integer('User who shared the item.', {from: 'owner.id', references: users}),
  },
  ignores: Object.fromEntries(
    [
      'actions',
      'can_enter',
      'can_enter_reason',
      'expiration_date',
      'is_new',
      'is_watched',
      'level',
      'level_label',
      'status',
      'status_id',
      'status_label',
    ].map(key => [key, dependsOnCaller]),
  ),
});
