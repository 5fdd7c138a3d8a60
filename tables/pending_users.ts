import {boolean, defineTable, describedBy, integer, json, text, timestamp} from '../src/table.js';
import {userFieldOptions} from './user_field_options.js';
import {userFields} from './user_fields.js';

export const pendingUsers = defineTable({
  name: 'pending_users',
  area: 'people',
  description: 'People who asked for an account and have not got it yet, with additional fields as field_N.',
  routes: [{path: '/manage/v1/user', query: {pending: '1', sort_attr: 'username', sort_dir: 'asc'}, cursor: true}],
  primaryKey: ['user_id'],
  customFields: describedBy(
    userFields,
    {title: 'title', type: 'type'},
    {table: userFieldOptions, field: 'field_id', id: 'option_id', label: 'label'},
  ),
  columns: {
    user_id: integer('Id of the account that was asked for.'),
    username: text('Name to sign in with that was asked for.'),
    // The specification of 2017 misspells it. tables/API.md#pending_users
    first_name: text('First name.', {from: ['first_name', 'firs_tname']}),
    last_name: text('Last name.'),
    email: text('Email address.'),
    avatar: text('Address of the picture.'),
    confirmed: text('Whether the email address was confirmed, as sent.'),
    request_on: timestamp('When the account was asked for.'),
    create_by_admin: boolean('Whether an administrator asked for it.'),
    actions: json('What the credential may do with the request.'),
  },
});
