import {readdirSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {declaredKeys} from '../src/declared-keys.js';
import {isDerived, joinsOf, parentsOf} from '../src/routes.js';
import type {SentRecord} from '../src/table.js';
import {tables} from '../tables/index.js';
import {surveyAnswers} from '../tables/survey_answers.js';
import {columnValue, fixtureRecords, readFixture} from './helpers/fixtures.js';

const snakeCase = /^[a-z]+(_[a-z0-9]+)*$/;
const sentence = /^\S.*\.$/;
const customField = /^field_\d+$/;

it('every file in tables/ is listed, and nothing else', () => {
  const files = readdirSync(new URL('../tables/', import.meta.url))
    .filter(file => file.endsWith('.ts') && file !== 'index.ts')
    .map(file => file.replace(/\.ts$/, ''));
  const listed = tables.map(({name}) => name);
  expect(listed.toSorted(), 'List each table in tables/index.ts.').toEqual(files.toSorted());
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
    const order = `Put ${table.name} after its parents in tables/index.ts.`;
    expect(tables.slice(0, index), order).toEqual(expect.arrayContaining([...parentsOf(table)]));
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
    expect(records.length, `Put replies into fixtures/${name}/page-1.json.`).toBeGreaterThan(0);
  });

  it.each(Object.keys(columns))('has a value for %s in some fixture', column => {
    const values = records.map(record => columnValue(table, column, record)).filter(value => value !== null);
    expect(values, `Give a record in fixtures/${name}/ a value for ${column}.`).not.toEqual([]);
  });

  it('accounts for every key that is sent', () => {
    const declared = declaredKeys(table);
    const sent = new Set(records.flatMap(record => Object.keys(record.sent)));
    const unknown = '*' in ignores ? [] : [...sent].filter(key => !declared.has(key) && !customField.test(key));
    expect(unknown, `Declare a column for each in tables/${name}.ts, or say in ignores why not.`).toEqual([]);
  });

  it('leaves additional fields to the schema contract', () => {
    expect(Object.keys(columns).filter(column => customField.test(column))).toEqual([]);
  });

  it('takes from its parent what a derivation gives', () => {
    for (const {derive} of table.routes.filter(isDerived)) {
      const {bind = {}, outer = {}, key, position} = derive;
      const given = [...Object.keys(bind), ...Object.keys(outer), key, position].filter(name => name !== undefined);
      for (const column of given) expect(columns[column]?.from, `${column} needs no from.`).toBeUndefined();
    }
  });

  it('joins columns to columns of their kind', () => {
    for (const {table: other, on} of joinsOf(table)) {
      const kinds = on.map(({own, theirs}) => [columns[own]?.kind, other.columns[theirs]?.kind]);
      expect(kinds, other.name).not.toEqual([]);
      for (const [own, theirs] of kinds) expect([own, own], other.name).toEqual([theirs ?? 'none', own]);
    }
  });

  it('has a key that is unique and never null', () => {
    const keys = records.map(record => primaryKey.map(column => columnValue(table, column, record)));
    expect(keys.flat()).not.toContain(null);
    expect(keys.map(String)).toEqual([...new Set(keys.map(String))]);
  });
});

describe('taking survey replies apart', () => {
  const [route] = surveyAnswers.routes;
  const explode = (body: unknown, page = 1): readonly SentRecord[] => {
    if (route === undefined || isDerived(route) || route.explode === undefined) throw new TypeError('No explode.');
    return route.explode(body, {page, pageSize: 200, bound: {poll_id: '31', course_id: '101'}}).records;
  };
  const reply = (answers: unknown, questions: unknown = {}) => ({data: {questions, answers, total_pages: 1}});
  const submission = (answers: unknown) => ({date: '2024-01-31 10:11:12', answers});

  it('gives a row to each answer', () => {
    const recommended = {question_id: '13', type_quest: 'choice', title_quest: 'Would you recommend it?'};
    expect(explode(readFixture('survey_answers/page-1.json')).slice(2, 4)).toEqual([
      {
        ...recommended,
        submission_number: 1,
        answer_number: 1,
        option_id: '4',
        answer: 'Yes, and soon',
        date: '2024-01-31 10:11:12',
        user_id: null,
      },
      {
        submission_number: 1,
        question_id: '14',
        answer_number: 1,
        type_quest: 'extended_text',
        title_quest: 'What was missing?',
        option_id: null,
        answer: 'More pictures',
        date: '2024-01-31 10:11:12',
        user_id: null,
      },
    ]);
  });

  it('counts submissions across pages, those without answers included', () => {
    const rows = explode(reply([submission([]), submission({12: ['x']})]), 3);
    expect(rows).toMatchObject([{submission_number: 402}]);
  });

  it('keeps an answer whose question is not described', () => {
    expect(explode(reply([submission({12: ['x']})], []))).toMatchObject([{question_id: '12', title_quest: null}]);
  });

  it('yields nothing for a poll that nobody answered', () => {
    expect(explode(reply([]))).toEqual([]);
    expect(explode({data: []})).toEqual([]);
  });

  it.each([
    ['a body that is not an object', '<html>'],
    ['a reply without data', {}],
    ['answers that are not a list', reply('none')],
    ['a submission that is not an object', reply(['x'])],
    ['answers to a question that are neither a list nor a map', reply([submission({12: 'x'})])],
  ])('refuses %s', (_, body) => {
    expect(() => explode(body)).toThrow(TypeError);
  });

  it('says what it saw instead', () => {
    expect(() => explode(reply([submission({12: 'x'})]))).toThrow(
      'Expected answers to a question of a survey to be a list or a map, but saw a value of type string.',
    );
  });
});
