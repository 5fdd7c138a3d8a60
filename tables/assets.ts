import {boolean, defineTable, integer, json, text, timestamp} from '../src/table.js';
import {users} from './users.js';

export const assets = defineTable({
  name: 'assets',
  area: 'content',
  description:
    'Files, links and videos that users share. Private assets are asked for too; whether a superadmin then gets those of all users is not known.',
  routes: [
    // Private assets are left out by default. tables/API.md#assets
    {path: '/share/v1/assets', query: {ignore_private: '0', sort_attr: 'id', sort_dir: 'asc'}},
  ],
  primaryKey: ['id'],
  columns: {
    id: integer('Id of the asset.'),
    title: text('Title of the asset.'),
    description: text('Description, as HTML.'),
    kind: json('What the asset is, as sent.'),
    kind_general: text('What the asset is in general, such as video.', {from: 'kind.general'}),
    kind_sub: text('What the asset is more closely.', {from: 'kind.sub'}),
    kind_type: text('Type of the asset.', {from: 'kind.type'}),
    duration: text('Length of the asset, in duration_unit.', {from: ['info.duration', 'duration']}),
    duration_unit: text('Unit of the length, as sent.', {from: ['info.duration_unit', 'duration_unit']}),
    is_private: boolean('Whether the asset is private.'),
    views: integer('How often the asset was viewed.'),
    external_id: text('Id of the asset in another system.'),
    owner: json('Who shared the asset, as sent.'),
    owner_id: integer('User who shared the asset.', {from: 'owner.id', references: users}),
    date_created: timestamp('When the asset was created.'),
    published_at: timestamp('When the asset was published.', {from: 'info.history.published.created_at'}),
    last_edit_at: timestamp('When the asset was last edited.', {from: 'info.history.last_edit.created_at'}),
    info: json('Length and history of the asset as sent.'),
    thumbnail: json('Addresses of the images.'),
    files: json('The file as it was uploaded, and what was made of it.'),
  },
});
