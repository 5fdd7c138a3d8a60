import {users} from '../../tables/users.js';
import {asMembers} from '../json/members.js';
import type {Exploded, Table} from '../table.js';

/**
 * One user, by id, as a row of the table of users. The detail calls some members otherwise, and has additional fields in a list of their own
 * (tables/API.md#users). What only the list sends is NULL.
 */
export const userDetail: Table = {
  ...users,
  columns: {
    ...users.columns,
    first_name: {...users.columns.first_name, from: ['first_name', 'first_tname']},
    status: {...users.columns.status, from: ['status', 'valid']},
    expiration_date: {...users.columns.expiration_date, from: ['expiration_date', 'expiration']},
  },
  ignores: {
    ...users.ignores,
    ...Object.fromEntries(
      ['manager_username', 'manager_first_name', 'manager_last_name', 'force_change'].map(name => [
        name,
        'Only the detail has it.',
      ]),
    ),
  },
  routes: [{path: '/manage/v1/user/{user_id}', paging: 'single', explode}],
};

/** Throws TypeError for another reply. */
function explode(body: unknown): Exploded {
  const data = asMembers(asMembers(body)['data']);
  const user = asMembers(data['user_data']);
  if (!('user_id' in user)) throw new TypeError('data.user_data has no user_id');
  const fields = Object.values(data['additional_fields'] ?? []).map(asMembers);
  const values = fields.filter(field => 'id' in field).map(({id, value}) => [`field_${id}`, value ?? null]);
  const record = {...user, ...Object.fromEntries(values)};
  return {listed: [record], records: [record]};
}
