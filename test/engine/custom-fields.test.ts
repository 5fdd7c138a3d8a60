import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {CustomFields} from '../../src/custom-fields.js';
import {queryRows, withDuckdb} from '../../src/engine/duckdb.js';
import {evolve} from '../../src/engine/evolve.js';
import {type EarlierColumns, nameTitles} from '../../src/engine/name-keys.js';
import {describeField, describeKey, describeLabels, isTitled, labelsOf, readKey} from '../../src/engine/sent-as.js';
import {sql} from '../../src/engine/sql.js';
import {stage} from '../../src/engine/stage.js';
import {landRecords, makeFolder, makeTable, publishOptions} from './spool.js';

const table = makeTable({});

describe('names after titles', () => {
  const name = (titles: Readonly<Record<string, string>>, given: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(nameTitles(table, new Map(Object.entries(titles)), new Map(Object.entries(given))));

  test.each([
    ['Cost centre', 'cost_centre'],
    ['Fête 🎉', 'fête'],
    ['🎉', 'field_3'],
    ['Name', 'name_3'],
    ['Field 7', 'field_7_3'],
    ['_docebo_load_id', 'docebo_load_id_3'],
    [
      'A title of so many words that no database would take it for a name',
      'a_title_of_so_many_words_that_no_database_would_ta',
    ],
  ])('of %j is %s', (title, wanted) => {
    expect(name({field_3: title})).toEqual({field_3: wanted});
  });

  test('are different, whatever the titles are, and stay so from night to night', () => {
    const title = fc.string({unit: fc.constantFrom('a', 'B', '1', '2', ' ', '_'), maxLength: 5});
    const titles = fc.dictionary(
      fc.nat(12).map(id => `field_${id}`),
      title,
      {maxKeys: 8},
    );
    fc.assert(
      fc.property(titles, titles, (first, second) => {
        const before = name(first);
        const after = name({...first, ...second}, before);
        expect(new Set(Object.values(after)).size).toBe(Object.keys(after).length);
        expect(after).toMatchObject(before);
      }),
      {numRuns: 500, examples: [[{field_1: 'a', field_3: 'a 12', field_12: 'A'}, {}]]},
    );
  });

  test('that were written down twice are given once', () => {
    expect(name({field_1: 'x', field_2: 'y'}, {field_1: 'same', field_2: 'same'})).toEqual({
      field_1: 'same',
      field_2: 'y',
    });
  });

  test('belong to one field each, and stay with it', () => {
    const all = name({field_3: 'City', field_9: 'city', field_12: 'City 9'});
    expect(all).toEqual({field_3: 'city', field_9: 'city_9', field_12: 'city_9_12'});
    expect(name({field_3: 'Town', field_20: 'City'}, all)).toEqual({...all, field_20: 'city_20'});
  });
});

describe('columns of additional fields', () => {
  const fieldsOf = (namedBy: CustomFields['namedBy'], names: Readonly<Record<string, string>>): CustomFields => {
    const byKey = Object.entries(names).map(
      ([key, name]) => [key, {title: name, type: null, name, options: {}}] as const,
    );
    return {namedBy, byKey: new Map(byKey), warnings: []};
  };
  const titles = {field_3: 'city', field_9: 'rank'};
  const undeclared = new Map(['field_3', 'field_9', 'field_11'].map(key => [key, new Set(['string'] as const)]));
  const namesOf = (fields: CustomFields, earlier: EarlierColumns | null = new Map()) => {
    const {evolved, renamed, warnings} = evolve(table, undeclared, earlier, fields);
    return {names: evolved.map(({name}) => name), renamed: Object.fromEntries(renamed), warnings};
  };
  const held = (key: string | null, isTitled = false) => ({type: 'VARCHAR', key, isOwn: key === null, isTitled});

  test.each([[new Map()], [null]])('keep their name beside a key that is called like a title', earlier => {
    const fields = fieldsOf('title', {field_3: 'city'});
    const nameOf = (...keys: readonly string[]) => {
      const sent = new Map(keys.map(key => [key, new Set(['string'] as const)]));
      return Object.fromEntries(evolve(table, sent, earlier, fields).evolved.map(({key, name}) => [key, name]));
    };
    expect(nameOf('field_3')).toEqual({field_3: 'city'});
    expect(nameOf('field_3', 'city')).toMatchObject({field_3: 'city', city: expect.stringMatching(/^city_/)});
    expect(nameOf('city')['city']).toBe(nameOf('field_3', 'city')['city']);
  });

  test.each([[new Map()], [null]])('have the title as their name, or their number if it is not known', earlier => {
    expect(namesOf(fieldsOf('title', titles), earlier)).toEqual({
      names: ['city', 'rank', 'field_11'],
      renamed: {},
      warnings: [],
    });
    expect(namesOf(fieldsOf('id', titles), earlier).names).toEqual(['field_3', 'field_9', 'field_11']);
  });

  test('are renamed if they are to be named otherwise than before, but not if somebody else gave them their name', () => {
    const byId = new Map([
      ['field_3', held('field_3')],
      ['position', held('field_9')],
    ]);
    expect(namesOf(fieldsOf('title', titles), byId)).toEqual({
      names: ['city', 'position', 'field_11'],
      renamed: {field_3: 'city'},
      warnings: ['Columns were renamed: field_3 to city'],
    });
    const byTitle = new Map([
      ['city', held('field_3', true)],
      ['position', held('field_9')],
    ]);
    expect(namesOf(fieldsOf('id', titles), byTitle)).toMatchObject({
      names: ['field_3', 'position', 'field_11'],
      renamed: {city: 'field_3'},
    });
  });

  test('keep the name that they have if the title changes or cannot be read', () => {
    const byTitle = new Map([['city', held('field_3', true)]]);
    for (const names of [{field_3: 'town'}, {}])
      expect(namesOf(fieldsOf('title', names), byTitle).names[0]).toBe('city');
  });

  test('leave a column alone that somebody else has made', () => {
    const own = new Map([['city', held(null)]]);
    const {names, warnings} = namesOf(fieldsOf('title', titles), own);
    expect(names).toEqual(['city_2', 'rank', 'field_11']);
    expect(warnings).toEqual(['The column city is your own, so the values sent as "field_3" are in city_2']);
  });
});

describe('labels of options', () => {
  /** The rows of a table whose records hold these values of a field with the options 1 and 2. */
  const label = async (values: readonly unknown[], [first, second]: readonly string[] = ['Sales', 'Support']) => {
    const folder = await makeFolder();
    const records = values.map((value, row) => JSON.stringify({user_id: row, name: 'x', field_3: value}));
    const load = await landRecords(folder, table, records);
    const options = {1: first ?? '', 2: second ?? ''};
    const byKey = new Map([['field_3', {title: 'Team', type: 'dropdown', name: 'team', options}]]);
    const fields = {namedBy: 'title', byKey, warnings: []} as const;
    return withDuckdb(':memory:', {workDir: folder, lockTimeoutMs: 0}, async connection => {
      const {evolved} = await stage(connection, {...load, fields}, sql`staged`, {
        ...publishOptions(folder),
        earlier: new Map(),
      });
      const names = evolved.map(({name}) => name);
      const rows = await queryRows(connection, sql`SELECT * EXCLUDE (user_id, name) FROM staged ORDER BY user_id`);
      return {names, rows};
    });
  };

  test.each([
    [
      ['2', null, '', ' 1 ', '7'],
      [
        ['2', 'Support'],
        [null, null],
        ['', null],
        [' 1 ', 'Sales'],
        ['7', null],
      ],
    ],
    [
      [2, 1],
      [
        ['2', 'Support'],
        ['1', 'Sales'],
      ],
    ],
  ])('stand beside ids: %j', async (values, rows) => {
    expect(await label(values)).toEqual({names: ['team', 'team_label'], rows});
  });

  test.each([
    [['Sales', null, 'Support'], undefined],
    [['Sales', '2'], undefined],
    [
      ['1', '2'],
      ['2', '1'],
    ],
    [['x', ''], undefined],
  ])('do not stand beside labels, or what may be either: %j', async (values, labels) => {
    const {names, rows} = await label(values, labels);
    expect(names).toEqual(['team']);
    expect(rows).toEqual(values.map(value => [value]));
  });
});

test('a comment tells the key, whatever the title says', () => {
  for (const title of ['City', '"quoted", which is not declared.', 'a\nb', ' The column is named after its title.']) {
    const field = {title, type: 'dropdown', name: 'x', options: {}};
    const comments = [describeField('field_3', field), describeField('field_3', field, true)];
    expect(comments.map(readKey)).toEqual(['field_3', 'field_3']);
    expect(comments.map(isTitled)).toEqual([false, true]);
  }
  expect(readKey(describeKey('a"b\\'))).toBe('a"b\\');
  expect(readKey(describeLabels('field_3', true))).toBe(labelsOf('field_3'));
  expect(readKey('Sent as "field_3", which is not declared. My own words.')).toBeNull();
});
