import {describe, expect, it} from 'vitest';
import {chooseTargets} from '../../src/cli/options/select-tables.js';
import {defineTable, integer} from '../../src/table.js';

const table = defineTable({
  area: 'people',
  name: 'users',
  description: 'A table.',
  routes: [{path: '/users'}],
  primaryKey: ['id'],
  columns: {id: integer('Number.')},
});

function targetFor(destTable: string | undefined, many = false) {
  return chooseTargets({tables: [{table, name: 'users', isNamed: true}], many}, destTable)[0]?.target;
}

describe('--dest-table', () => {
  it('is the source table when left out', () => {
    expect(targetFor(undefined)).toEqual({schema: null, name: 'users'});
    expect(targetFor(undefined, true)).toEqual({schema: null, name: 'users'});
  });

  it('is a table, with or without schema, for one source table', () => {
    expect(targetFor('people')).toEqual({schema: null, name: 'people'});
    expect(targetFor('dest.people')).toEqual({schema: 'dest', name: 'people'});
  });

  it('is a schema for several', () => {
    expect(targetFor('dest', true)).toEqual({schema: 'dest', name: 'users'});
    expect(targetFor('dest.*', true)).toEqual({schema: 'dest', name: 'users'});
  });

  it('may be dest.* for one table too', () => {
    expect(targetFor('dest.*')).toEqual({schema: 'dest', name: 'users'});
  });

  it('cannot be one table for several', () => {
    expect(() => targetFor('dest.people', true)).toThrow(
      '--dest-table dest.people is one table, but several are to be written.',
    );
  });

  it.each(['', '.users', 'dest.', 'a.b.c'])('refuses %j', destTable => {
    expect(() => targetFor(destTable)).toThrow('is neither a table nor schema.table.');
  });
});
