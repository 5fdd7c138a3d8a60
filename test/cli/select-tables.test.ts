import {describe, expect, it} from 'vitest';
import {findTable, selectTables} from '../../src/cli/options/select-tables.js';
import {UsageError} from '../../src/errors.js';
import {defineTable, integer} from '../../src/table.js';

const [users, courses, learningObjects] = [
  table('users'),
  table('courses'),
  table('course_learning_objects', ['learning_objects']),
];
const known = [users, courses, learningObjects];

function table(name: string, aliases: readonly string[] = []) {
  return defineTable({
    area: 'people',
    name,
    aliases,
    description: 'A table.',
    routes: [{path: `/${name}`}],
    primaryKey: ['id'],
    columns: {id: integer('Number.')},
  });
}

function namesFor(...asked: string[]): readonly string[] {
  return selectTables(known, asked).tables.map(({name}) => name);
}

describe('--source-table', () => {
  it('repeats and takes commas, in the order asked for', () => {
    expect(namesFor('courses, users', 'course_learning_objects')).toEqual([
      'courses',
      'users',
      'course_learning_objects',
    ]);
  });

  it('takes all', () => {
    expect(namesFor('all')).toEqual(['users', 'courses', 'course_learning_objects']);
  });

  it('takes globs, also over aliases and with commas in braces', () => {
    expect(namesFor('course*')).toEqual(['courses', 'course_learning_objects']);
    expect(namesFor('learning_*')).toEqual(['learning_objects']);
    expect(namesFor('{users,courses}')).toEqual(['users', 'courses']);
  });

  it('keeps an alias as the name and the table once', () => {
    expect(selectTables(known, ['learning_objects', 'course_learning_objects']).tables).toEqual([
      {table: learningObjects, name: 'learning_objects'},
    ]);
  });

  it('leaves out what follows an exclamation mark, wherever that stands', () => {
    expect(namesFor('all,!users')).toEqual(['courses', 'course_learning_objects']);
    expect(namesFor('!course*', 'all')).toEqual(['users']);
    expect(selectTables(known, ['all,!course*']).many).toBe(true);
    expect(() => namesFor('!users')).toThrow('--source-table names no table.');
    expect(() => namesFor('users,!users')).toThrow('--source-table names no table.');
    expect(() => namesFor('all,!usrs')).toThrow('There is no table usrs. Did you mean users?');
  });

  it('counts a pattern as several tables whatever it matches', () => {
    expect(selectTables(known, ['users']).many).toBe(false);
    expect(selectTables(known, ['users', 'users']).many).toBe(false);
    expect(selectTables(known, ['user*']).many).toBe(true);
    expect(selectTables(known, ['users,courses']).many).toBe(true);
  });

  it('suggests the nearest name for an unknown one and lists the known', () => {
    expect(() => findTable(known, 'user')).toThrow('There is no table user. Did you mean users?');
    expect(() => findTable(known, 'nothing')).toThrow(/^There is no table nothing\.$/);
    expect(hintOf(() => namesFor('user'))).toBe('Tables: users, courses, course_learning_objects.');
  });

  it('refuses a pattern that matches nothing, and an empty list', () => {
    expect(() => namesFor('x*')).toThrow('No table matches x*.');
    expect(() => namesFor(' , ')).toThrow('--source-table names no table.');
  });
});

function hintOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof UsageError) return error.hint;
  }
  return undefined;
}
