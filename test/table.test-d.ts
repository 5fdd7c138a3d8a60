import {defineTable, describedBy, integer, type Row, text, timestamp} from '../src/table.js';

const courses = defineTable({
  area: 'people',
  name: 'courses',
  description: 'Courses.',
  routes: [{path: '/courses'}],
  primaryKey: ['id_course'],
  columns: {id_course: integer('Course.'), name: text('Name.'), started_at: timestamp('Start.')},
});

// Each of these must not compile: the compiler is the first reader of a declaration.
const shape = {
  name: 'x',
  area: 'people',
  description: 'X.',
  columns: {id: integer('Id.'), course_id: integer('Course.')},
} as const;

export const valid = defineTable({
  ...shape,
  primaryKey: ['id'],
  routes: [
    {path: '/all'},
    {
      path: '/courses/{c}/x',
      query: {of: '{d}'},
      parent: {table: courses, bind: {c: 'id_course', d: 'name', course_id: 'id_course'}},
    },
    {derive: {table: courses, where: {name: ['poll']}}},
    {derive: {table: courses, each: 'items', key: 'id', bind: {course_id: 'id_course'}, outer: {id: ['id']}}},
  ],
});

const changes = {from: 'since', to: 'until', evidence: 'B'} as const;

export const merges = defineTable({
  ...shape,
  primaryKey: ['id'],
  routes: [
    {path: '/all', changes: {...changes, column: 'id', goesWith: {course_id: {table: courses, param: 'course[]'}}}},
    {
      path: '/courses/{c}/x',
      parent: {table: courses, bind: {c: 'id_course'}, unchangedWhen: ['started_at'], countedBy: 'name'},
    },
  ],
});

export const unknownChangeColumn = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the table has no column changed_at
  routes: [{path: '/all', changes: {...changes, column: 'changed_at'}}],
});

export const unknownGoesWith = defineTable({
  ...shape,
  primaryKey: ['id'],
  routes: [
    // @ts-expect-error the table has no column user_id
    {path: '/all', changes: {...changes, column: 'id', goesWith: {user_id: {table: courses, param: 'user[]'}}}},
  ],
});

export const unknownCopy = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the table has no column course_name
  routes: [{path: '/all', changes: {...changes, column: 'id', copies: ['course_name']}}],
});

export const unknownUnchanged = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the parent has no column changed_at
  routes: [{path: '/c/{c}/x', parent: {table: courses, bind: {c: 'id_course'}, unchangedWhen: ['changed_at']}}],
});

export const unknownCount = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the parent has no column rows
  routes: [{path: '/c/{c}/x', parent: {table: courses, bind: {c: 'id_course'}, countedBy: 'rows'}}],
});

// @ts-expect-error the key names no column
export const badKey = defineTable({...shape, primaryKey: ['nope'], routes: [{path: '/all'}]});

export const noParent = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the placeholder has no parent
  routes: [{path: '/courses/{course_id}/x'}],
});

export const unboundPlaceholder = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error {other} is not bound
  routes: [{path: '/courses/{course_id}/{other}', parent: {table: courses, bind: {course_id: 'id_course'}}}],
});

export const unknownParentColumn = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the parent has no column nope
  routes: [{path: '/courses/{course_id}/x', parent: {table: courses, bind: {course_id: 'nope'}}}],
});

export const bindsNothing = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error elsewhere is neither a placeholder nor a column
  routes: [{path: '/c/{course_id}/x', parent: {table: courses, bind: {course_id: 'id_course', elsewhere: 'name'}}}],
});

export const references = defineTable({
  ...shape,
  primaryKey: ['id'],
  routes: [{path: '/all'}],
  columns: {id: integer('Id.'), course_id: integer('Course.', {references: courses})},
});

const enrolments = defineTable({...shape, primaryKey: ['id', 'course_id'], routes: [{path: '/all'}]});
// @ts-expect-error no single column identifies an enrolment
export const ambiguousReference = integer('Enrolment.', {references: enrolments});

export const unknownFilter = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the parent has no column kind to filter on
  routes: [{path: '/c/{course_id}/x', parent: {table: courses, bind: {course_id: 'id_course'}, where: {kind: ['a']}}}],
});

export const queryPlaceholder = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error a placeholder in the query needs a parent as well
  routes: [{path: '/all', query: {id_course: '{course_id}'}}],
});

export const unknownDerivation = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the table it derives from has no column kind
  routes: [{derive: {table: courses, where: {kind: ['poll']}}}],
});

// @ts-expect-error a table has at least one route
export const noRoute = defineTable({...shape, primaryKey: ['id'], routes: []});

// @ts-expect-error a table is described
export const noDescription = defineTable({
  area: 'people',
  name: 'x',
  columns: shape.columns,
  primaryKey: ['id'],
  routes: [{path: '/all'}],
});

export const row: Row<typeof courses> = {id_course: 1n, name: null, started_at: new Date(0)};
// @ts-expect-error a key column is never null
export const nullKey: Row<typeof courses> = {id_course: null, name: null, started_at: null};

export const givesNoColumn = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the table has no column nope
  routes: [{derive: {table: courses, each: 'items', bind: {nope: 'id_course'}}}],
});

export const takesNoColumn = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the parent has no column nope
  routes: [{derive: {table: courses, each: 'items', bind: {course_id: 'nope'}}}],
});

export const hasNoKeyColumn = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the table has no column nope
  routes: [{derive: {table: courses, each: 'items', key: 'nope'}}],
});

export const countsByNoColumn = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the parent has no column nope
  routes: [{derive: {table: courses, each: 'items', counted: 'nope'}}],
});

export const validFields = describedBy(courses, {title: 'name', type: 'name'});
// @ts-expect-error the list of fields has no column nope
export const noTitle = describedBy(courses, {title: 'nope', type: 'name'});

const tree = {
  param: 'node',
  id: 'id',
  hasChildren: 'id',
  parentId: 'course_id',
  path: {column: 'id', of: 'course_id'},
} as const;
export const validTree = defineTable({...shape, primaryKey: ['id'], routes: [{path: '/all', descend: tree}]});

export const unknownParent = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the table has no column above
  routes: [{path: '/all', descend: {param: 'node', id: 'id', hasChildren: 'id', parentId: 'above'}}],
});

export const pathOfNothing = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error the table has no column title
  routes: [{path: '/all', descend: {...tree, path: {column: 'id', of: 'title'}}}],
});

export const pathWithoutParent = defineTable({
  ...shape,
  primaryKey: ['id'],
  // @ts-expect-error a path needs the column of the parent
  routes: [{path: '/all', descend: {param: 'node', id: 'id', hasChildren: 'id', path: {column: 'id', of: 'id'}}}],
});
