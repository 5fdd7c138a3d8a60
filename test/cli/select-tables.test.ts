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
      {table: learningObjects, name: 'learning_objects', isNamed: true},
    ]);
  });

  it('takes sets: an area, all of them, and the tables that cost no call for each row of another', () => {
    const badges = {...table('badges'), area: 'gamification' as const};
    const awards = {
      ...table('awards'),
      area: 'gamification' as const,
      routes: [{path: '/{id}', parent: {table: badges, bind: {id: 'id'}}}],
    };
    const holders = {...table('holders'), routes: [{derive: {table: awards, each: 'holders'}}]};
    const holdersToo = {...table('holders_too'), routes: [{derive: {table: badges, each: 'holders'}}]};
    const all = [users, badges, awards, holders, holdersToo];
    const names = (...asked: string[]) => selectTables(all, asked).tables.map(({name}) => name);
    expect(names('area:gamification')).toEqual(['badges', 'awards']);
    expect(names(' area:Gamification ,!awards')).toEqual(['badges']);
    expect(names('bulk')).toEqual(['users', 'badges', 'holders_too']);
    expect(names('all,!bulk')).toEqual(['awards', 'holders']);
    expect(selectTables(all, ['area:gamification,!awards']).many).toBe(true);
    expect(() => names('area:gamificaton')).toThrow('There is no area gamificaton. Did you mean gamification?');
    expect(() => names('area:reports')).toThrow('--source-table names no table.');
  });

  it('knows which tables were asked for by name', () => {
    const named = (...asked: string[]) => selectTables(known, asked).tables.filter(({isNamed}) => isNamed);
    expect(named('all')).toEqual([]);
    expect(named('all,users').map(({name}) => name)).toEqual(['users']);
    expect(named('users', 'all').map(({name}) => name)).toEqual(['users']);
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
