import {boolean, defineTable, describedBy, integer, json, text, timestamp} from '../src/table.js';
import {userFieldOptions} from './user_field_options.js';
import {userFields} from './user_fields.js';

export const users = defineTable({
  name: 'users',
  area: 'people',
  description: 'Everyone with an account, with additional fields as field_N.',
  routes: [
    // The default order is by first name, which many users share. Usernames are unique, so pages cannot overlap. tables/API.md#users
    {
      path: '/manage/v1/user',
      query: {sort_attr: 'username', sort_dir: 'asc'},
      cursor: true,
      // Clients send it; whether Docebo heeds it is not known. tables/API.md#change-filters
      changes: {
        from: 'updated_from',
        to: 'updated_to',
        column: 'last_update',
        evidence: 'UNKNOWN',
        lookup: '/manage/v1/user/{user_id}',
      },
    },
  ],
  primaryKey: ['user_id'],
  customFields: describedBy(
    userFields,
    {title: 'title', type: 'type'},
    {table: userFieldOptions, field: 'field_id', id: 'option_id', label: 'label'},
  ),
  // tables/API.md#users
  filters: {
    search_text: {
      param: 'search_text',
      description: 'Users whose first name, last name, username or email holds the text.',
    },
    match_type: {
      param: 'match_type',
      description: 'full: only users of whom one of these is the text.',
      values: ['full'],
      needs: 'search_text',
    },
    branch_id: {param: 'branch_id', description: 'Users of one branch.'},
    selection_status: {
      param: 'selection_status',
      description: '1: of the branch alone, 2: of those below it too.',
      values: ['1', '2'],
      needs: 'branch_id',
    },
  },
  columns: {
    user_id: integer('Id of the user.'),
    username: text('Name the user signs in with.'),
    first_name: text('First name.'),
    last_name: text('Last name.'),
    fullname: text('First and last name as Docebo shows them.'),
    email: text('Email address.'),
    uuid: text('UUID of the user.'),
    level: text('godadmin, power_user or user.'),
    status: boolean('Whether the account is active.'),
    is_manager: boolean('Whether the user manages others.'),
    creation_date: timestamp('When the account was created.'),
    last_update: timestamp('When the account was last changed.'),
    last_access_date: timestamp('When the user was last seen.'),
    expiration_date: timestamp('When the account expires.'),
    expired: boolean('Whether the account has expired.'),
    language: text('Name of the language.'),
    lang_code: text('Code of the language.'),
    timezone: text('Time zone the user chose.'),
    date_format: text('Date format the user chose.'),
    country: text('Country of the user.'),
    avatar: text('Address of the picture.'),
    role_id: integer('Id of the job role.'),
    role_title: text('Title of the job role.'),
    email_validation_status: boolean('Whether the email address was confirmed.'),
    send_notification: boolean('Whether the user is sent notifications.'),
    newsletter_optout: boolean('Whether the user opted out of newsletters.'),
    newsletter_optout_date: timestamp('When the user opted out of newsletters.'),
    encoded_username: text('Username, encoded for use in URLs.'),
    authenticator_app_pair_date: timestamp('When an authenticator app was paired.'),
    currently_logged_users_count: integer('Sessions of the user that are open now.'),
    multidomains: json('Extended-enterprise domains of the user.'),
    // An object rather than a list, because its keys are manager types. tables/API.md#users
    manager_names: json('Managers by manager type.'),
    managers: json('Managers as a list.'),
    active_subordinates_count: integer('Active users who report to this one.'),
    actions: json('What the credential may do with the account.'),
  },
});
