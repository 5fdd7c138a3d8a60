import type {Emulator} from '../../src/emulator/index.js';

/** Pages are small so that few records make many of them: users fill six, members of the first group three. */
export const pageSize = 24;
export const users = 130;

/** Where a fault strikes: which request, of which table, and what is loaded beside it. */
export interface Position {
  readonly table: string;
  /** A table of the same run that the fault has nothing to do with. */
  readonly beside: string;
  readonly match: (emulator: Emulator) => RegExp;
}

const usersPage = (page: number): Position => ({
  table: 'users',
  beside: 'groups',
  match: () => new RegExp(`^/manage/v1/user\\?.*&page=${page}&`),
});

const membersPage = (group: number, page: number): Position => ({
  table: 'group_members',
  beside: 'groups',
  match: ({truth}) => new RegExp(`/${[...truth('groups')][group]?.['uuid']}/users\\?page=${page}&`),
});

/** A list that comes in one reply without a total: that of a course which has records, at `data.items`, where faults take them. */
const oneReply: Position = {
  table: 'course_learning_objects',
  beside: 'courses',
  match: ({truth}) => {
    const objects = [...truth('course_learning_objects')].map(record => record['course_id']);
    const ids = [...truth('courses')].map(record => record['id_course']);
    // The emulator sends every other course's as a bare list.
    const id = ids.find((course, index) => index % 2 === 1 && objects.filter(of => of === course).length > 3);
    return new RegExp(`/courses/${id}/los`);
  },
};

export const positions = {
  'first page': usersPage(1),
  'middle page': usersPage(3),
  'last page': usersPage(6),
  'every page': {table: 'users', beside: 'groups', match: () => /^\/manage\/v1\/user\?/},
  /** From the first child it is learned which route is served. */
  'first child': membersPage(0, 1),
  'first child, page 2': membersPage(0, 2),
  'first child, last page': membersPage(0, 3),
  'later child': membersPage(2, 1),
  'every child': {table: 'group_members', beside: 'groups', match: () => /^\/audiences\/v1\/audience\/.*\/users\?/},
  'single child': oneReply,
} as const satisfies Readonly<Record<string, Position>>;

export type PositionName = keyof typeof positions;
