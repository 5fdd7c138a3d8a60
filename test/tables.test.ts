import {readdirSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {declaredKeys, parentsOf} from '../src/table.js';
import {tables} from '../tables/index.js';
import {columnValue, fixtureRecords} from './helpers/fixtures.js';

const snakeCase = /^[a-z]+(_[a-z0-9]+)*$/;
const sentence = /^\S.*\.$/;
const customField = /^field_\d+$/;

it('every file in tables/ is listed, and nothing else', () => {
  const files = readdirSync(new URL('../tables/', import.meta.url))
    .filter(file => file.endsWith('.ts') && file !== 'index.ts')
    .map(file => file.replace(/\.ts$/, ''));
  expect(tables.map(({name}) => name).toSorted()).toEqual(files.toSorted());
});

it('every fixture folder belongs to a table', () => {
  const folders = readdirSync(new URL('../fixtures/', import.meta.url), {withFileTypes: true})
    .filter(entry => entry.isDirectory() && entry.name !== 'errors')
    .map(({name}) => name);
  expect(tables.map(({name}) => name)).toEqual(expect.arrayContaining(folders));
});

it('no name stands for two tables', () => {
  const names = tables.flatMap(({name, aliases}) => [name, ...aliases]);
  expect(names).toEqual([...new Set(names)]);
});

it('a parent is read before its children', () => {
  for (const [index, table] of tables.entries()) {
    expect(tables.slice(0, index), table.name).toEqual(expect.arrayContaining([...parentsOf(table)]));
  }
});

describe.each(tables)('$name', table => {
  const {name, aliases, columns, description, ignores, primaryKey} = table;
  const records = fixtureRecords(table);

  it('has snake_case names', () => {
    for (const each of [name, ...aliases, ...Object.keys(columns)]) expect(each).toMatch(snakeCase);
  });

  it('is described in sentences', () => {
    expect(description).toMatch(sentence);
    for (const [column, {description}] of Object.entries(columns)) expect(description, column).toMatch(sentence);
    for (const [key, reason] of Object.entries(ignores)) expect(reason, key).toMatch(sentence);
  });

  it('has fixtures', () => {
    expect(records.length).toBeGreaterThan(0);
  });

  it.each(Object.keys(columns))('has a value for %s in some fixture', column => {
    expect(records.map(record => columnValue(table, column, record)).filter(value => value !== null)).not.toEqual([]);
  });

  it('accounts for every key that is sent', () => {
    const declared = declaredKeys(table);
    const sent = new Set(records.flatMap(record => Object.keys(record.sent)));
    expect([...sent].filter(key => !declared.has(key) && !customField.test(key))).toEqual([]);
  });

  it('leaves additional fields to the schema contract', () => {
    expect(Object.keys(columns).filter(column => customField.test(column))).toEqual([]);
  });

  it('has a key that is unique and never null', () => {
    const keys = records.map(record => primaryKey.map(column => columnValue(table, column, record)));
    expect(keys.flat()).not.toContain(null);
    expect(keys.map(String)).toEqual([...new Set(keys.map(String))]);
  });
});
