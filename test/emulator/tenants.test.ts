import {expect, test} from 'vitest';
import {type EmulatorOptions, startEmulator} from '../../src/emulator/index.js';
import {routes} from '../../src/emulator/routes/routes.js';
import {isDerived, joinsOf} from '../../src/routes.js';
import type {Table} from '../../src/table.js';
import {tables} from '../../tables/index.js';
import {expectRow} from '../helpers/oracle.js';
import {rehearse} from '../helpers/rehearsal.js';

/** Columns that nothing fills in the usual tenant, as far as is known of the lists that are read there. */
const neverFilled: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'The catalogue of courses is read first. The management list has these, and it does not.': {
    courses: [
      'course_status',
      'published',
      'is_deleted',
      'creation_date',
      'created_by',
      'decommissioned_at',
      'removed_at',
      'average_completion_time',
      'enrolled_count',
      'waiting_list',
      'sessions_count',
      'session_waiting_list',
      'users_without_session_count',
      'outdated_count',
      'has_esignature_enabled',
      'imported_from_content_marketplace',
      'thumbnail',
      'actions',
    ],
  },
  'The list of all enrolments is read first. That of one course has these, and it does not.': {
    course_enrollments: ['email', 'first_name', 'last_name', 'level_id', 'status_id', 'user_status', 'user_status_id'],
  },
  'Pages of sessions are read first. The map of them has these, and they do not.': {
    sessions: [
      'slug_name',
      'description',
      'begin_day',
      'begin_time',
      'begin_timezone',
      'end_time',
      'end_timezone',
      'min_dates_for_completion',
      'dates',
      'evaluation_type',
      'evaluation',
      'score',
      'score_base',
      'can_manage',
    ],
  },
  'The older list of a manager’s reports is read first. The newer one has it.': {manager_subordinates: ['fullname']},
  'Choices come with their fields. If they are asked for one by one, they are translated.': {
    user_field_options: ['translations'],
  },
  'Audiences are known by UUID. Groups that go by number have these.': {groups: ['id', 'total_members']},
};

const nowhere: typeof neverFilled = {
  'Only the older list of plans is known to have it, which the emulator does not serve.': {
    learning_plans: ['description'],
  },
  'The emulator has no playlists.': {channel_assets: ['assets_count']},
  'Answers are anonymous.': {survey_answers: ['user_id']},
};

const join = (columns: typeof neverFilled) =>
  Object.values(columns).flatMap(each =>
    Object.entries(each).flatMap(([table, names]) => names.map(name => `${table}.${name}`)),
  );

async function findNulls(options: EmulatorOptions): Promise<readonly string[]> {
  const emulator = await startEmulator({users: 120, ...options});
  const nulls = tables.flatMap(table => {
    const rows = [...emulator.truth(table.name)].map(record => expectRow(table, record));
    return Object.keys(table.columns)
      .filter(column => rows.every(row => row[column] === null))
      .map(column => `${table.name}.${column}`);
  });
  await emulator.close();
  return nulls;
}

test('a column is NULL in every row only for a reason, and not wherever its list is served', async () => {
  const usual = await findNulls({});
  const other = await findNulls({
    groups: 'numbered',
    courses: 'managed',
    bulkEnrollments: false,
    sessionsRoute: 'map',
    subordinates: 'of-manager',
    fieldsAsArray: false,
  });
  const advice = 'Have src/emulator/tenant/ fill each column, or say in this file why it does not.';
  expect(usual.toSorted(), advice).toEqual([...join(neverFilled), ...join(nowhere)].toSorted());
  expect(usual.filter(column => other.includes(column)).toSorted()).toEqual(join(nowhere).toSorted());
});

test('what a row joins to is there', async () => {
  const emulator = await startEmulator({users: 60});
  const rowsOf = (table: Table) => [...emulator.truth(table.name)].map(record => expectRow(table, record));
  for (const table of tables) {
    for (const {table: other, on} of joinsOf(table)) {
      const there = new Set(rowsOf(other).map(row => JSON.stringify(on.map(({theirs}) => row[theirs]))));
      const pointers = rowsOf(table).map(row => on.map(({own}) => row[own]));
      const lost = pointers.filter(values => !values.includes(null) && !there.has(JSON.stringify(values)));
      expect(lost, `${table.name} to ${other.name}`).toEqual([]);
    }
  }
  await emulator.close();
});

test('the emulator answers the first path of every table', () => {
  const paths = tables.flatMap(({routes: [route]}) => (route === undefined || isDerived(route) ? [] : [route.path]));
  const unanswered = paths.filter(path => !routes.some(({pattern}) => pattern.test(path)));
  expect(unanswered, 'Answer each in the file of src/emulator/routes/ that it belongs to.').toEqual([]);
});

test('groups that go by number have the members that they have by UUID', async () => {
  const members: string[][] = [];
  for (const groups of ['uuid', 'numbered'] as const) {
    const {load, published, truth} = await rehearse({groups});
    const report = await load(['groups', 'group_members']);
    expect(report).toMatchObject({exitCode: 0});
    const [rows, found] = [await published('groups'), await published('group_members')];
    expect([rows, found]).toEqual([truth('groups'), truth('group_members')]);
    const names = new Map((rows ?? []).map(row => JSON.parse(row)).map(({group_id, name}) => [group_id, name]));
    const named = (found ?? []).map(row => JSON.parse(row));
    members.push(named.map(({group_id, user_id, username}) => [names.get(group_id), user_id, username].join()).sort());
  }
  expect(members[0]).toEqual(members[1]);
  expect(members[0]?.length).toBeGreaterThan(20);
});
