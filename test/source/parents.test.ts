import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {IncompleteError} from '../../src/errors.js';
import {listParents} from '../../src/source/tables/parents.js';
import {linesFromRecords} from '../../src/spool/lines.js';
import {TableSpool} from '../../src/spool/table-spool.js';
import {defineTable, integer, type Parent, type SentRecord, text} from '../../src/table.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-ingest-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true});
});

const courses = defineTable({
  area: 'people',
  name: 'courses',
  description: 'Courses.',
  routes: [{path: '/courses'}],
  primaryKey: ['id_course'],
  columns: {
    id_course: integer('Id.', {from: ['id_course', 'id']}),
    course_type: text('Type.'),
    category_id: integer('Category.', {from: 'category.id'}),
    sessions_count: integer('Sessions.'),
  },
});

async function list(records: readonly SentRecord[], options: Partial<Parent> = {}) {
  const spool = await TableSpool.open(folder, 'courses');
  const lines = linesFromRecords(records, new Set());
  await spool.land({lines, request: 'GET /courses', bound: {}, facts: null, state: 0, sentAfter: 0});
  return listParents(
    {table: courses, bind: {course_id: 'id_course'}, ...options},
    await spool.complete({total: null, moved: false, route: '/courses'}),
    {},
  );
}

describe('the parents to be asked', () => {
  test('bind texts, from whichever key holds the value', async () => {
    const records = [
      {id: 7, category: {id: 3}},
      {id_course: '8', id: 1, category: {id: '4'}},
    ];
    expect(await list(records, {bind: {course_id: 'id_course', category: 'category_id'}})).toEqual({
      bounds: [
        {course_id: '7', category: '3'},
        {course_id: '8', category: '4'},
      ],
      counted: new Set(),
      states: new Map([
        [{course_id: '7', category: '3'}, {}],
        [{course_id: '8', category: '4'}, {}],
      ]),
      lacking: null,
    });
  });

  test('are those of a wanted type, and those of none', async () => {
    const records = [
      {id: 1, course_type: 'ilt'},
      {id: 2, course_type: 'elearning'},
      {id: 3, course_type: null},
      {id: 4},
    ];
    expect((await list(records, {where: {course_type: ['classroom', 'ilt']}})).bounds).toEqual([
      {course_id: '1'},
      {course_id: '3'},
      {course_id: '4'},
    ]);
  });

  test('are not those that count no child, but those that do not say', async () => {
    const counts = [0, '0', null, '', 2, undefined];
    const records = counts.map((sessions_count, index) => ({id: index, sessions_count}));
    const {bounds, counted} = await list(records, {skipIfZero: ['sessions_count']});
    expect([...counted]).toEqual([{course_id: '4'}]);
    expect(bounds).toEqual([{course_id: '2'}, {course_id: '3'}, {course_id: '4'}, {course_id: '5'}]);
  });

  test('tell what they hold in the columns by which a change is noticed', async () => {
    const records = [
      {id_course: 7, course_type: 'ilt', sessions_count: 3},
      {id_course: 8, sessions_count: null},
    ];
    const {bounds, states} = await list(records, {unchangedWhen: ['course_type'], countedBy: 'sessions_count'});
    expect(bounds.map(bound => states.get(bound))).toEqual([
      {course_type: 'ilt', sessions_count: '3'},
      {course_type: null, sessions_count: null},
    ]);
  });

  test('may be none', async () => {
    expect(await list([])).toEqual({bounds: [], counted: new Set(), states: new Map(), lacking: null});
  });

  test('are for another route if all of them lack what it binds', async () => {
    expect(await list([{name: 'a'}, {id: null}, {id: ''}])).toMatchObject({
      bounds: [],
      counted: new Set(),
      lacking: 'id_course',
    });
  });

  test('are refused if some of them lack what the route binds', async () => {
    const failure = list([{id: 1}, {id: null}, {id: 3}]);
    await expect(failure).rejects.toThrow(IncompleteError);
    await expect(failure).rejects.toThrow(
      '1 of 3 rows of courses have no id_course, so their children cannot be asked for.',
    );
  });

  test.each(['0', '00', '0.0', 0, '0e5', '-0'])('are left out where their count is %j', async sessions_count => {
    const {bounds} = await list(
      [
        {id: 1, sessions_count},
        {id: 2, sessions_count: 2},
      ],
      {skipIfZero: ['sessions_count']},
    );
    expect(bounds).toEqual(sessions_count === '0e5' ? [{course_id: '1'}, {course_id: '2'}] : [{course_id: '2'}]);
  });

  test.each(['', ' ', '\t', '.0', '0x0', '0b0', '1e-400', 'none', null, [], {}, false])(
    'are asked where their count is %j, which the table holds as NULL',
    async sessions_count => {
      const {bounds, counted} = await list([{id: 1, sessions_count}], {skipIfZero: ['sessions_count']});
      expect(bounds).toEqual([{course_id: '1'}]);
      expect(counted.size).toBe(0);
    },
  );

  test('are told by their kind in any letters, and asked whatever their kind if they count children', async () => {
    const records = [
      {id: 1, course_type: 'Classroom '},
      {id: 2, course_type: 'elearning'},
      {id: 3, course_type: 'blended', sessions_count: '1'},
      {id: 4, course_type: 'elearning', sessions_count: '0'},
      {id: 5},
    ];
    const options = {where: {course_type: ['classroom']}, skipIfZero: ['sessions_count']};
    const {bounds} = await list(records, options);
    expect(bounds.map(({course_id}) => course_id)).toEqual(['1', '3', '5']);
  });

  test('bind what their table holds, not what a number means', async () => {
    const groups = defineTable({
      area: 'people',
      name: 'groups',
      description: 'Groups.',
      routes: [{path: '/groups'}],
      primaryKey: [],
      columns: {uuid: text('Uuid.')},
    });
    const {bounds} = await list(
      [{uuid: 1e21}, {uuid: []}].map(record => ({id: 1, ...record})),
      {
        table: groups,
        bind: {uuid: 'uuid'},
      },
    );
    expect(bounds).toEqual([{uuid: '1e+21'}, {uuid: '[]'}]);
  });
});
