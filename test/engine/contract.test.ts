import {describe, expect, test} from 'vitest';
import {applyContract} from '../../src/engine/contract.js';
import {type EarlierColumns, toSnakeCase} from '../../src/engine/evolve.js';
import type {SentType} from '../../src/spool/format.js';
import {makeTable} from './spool.js';

test.each([
  ['uidCourse', 'uid_course'],
  ['UserID', 'user_id'],
  ['HTMLBody', 'html_body'],
  ['already_snake', 'already_snake'],
  ['With Blanks-and.dots', 'with_blanks_and_dots'],
  ['level2Name', 'level2_name'],
  ['Größe', 'größe'],
  ['???', 'unnamed'],
  ['', 'unnamed'],
])('the key %j goes by the name %j', (key, name) => {
  expect(toSnakeCase(key)).toBe(name);
});

function evolve(undeclared: Readonly<Record<string, readonly SentType[]>>, earlier: EarlierColumns = new Map()) {
  const seen = new Map(Object.entries(undeclared).map(([key, types]) => [key, new Set(types)]));
  const spooled = {
    name: 'users',
    recordsFile: '',
    manifestFile: '',
    records: 0,
    total: 0,
    moved: false,
    undeclared: seen,
  };
  const table = makeTable({ignores: {_links: 'Navigation only.'}});
  return applyContract(table, spooled, earlier, {schemaContract: 'evolve'}).evolved;
}

describe('a key that no column declares', () => {
  test.each<[SentType[], string]>([
    [['boolean'], 'boolean'],
    [['boolean', 'null'], 'boolean'],
    [['integer'], 'integer'],
    [['integer', 'number'], 'double'],
    [['number'], 'double'],
    [['object', 'array'], 'json'],
    [['string'], 'text'],
    [['boolean', 'integer'], 'text'],
    [['object', 'string'], 'text'],
  ])('that held %j becomes a column of %s', (types, kind) => {
    expect(evolve({extra: types})).toEqual([{key: 'extra', name: 'extra', kind}]);
  });

  test('that was only ever null becomes no column yet', () => {
    expect(evolve({extra: ['null']})).toEqual([]);
  });

  test('that is ignored with a reason becomes no column', () => {
    expect(evolve({_links: ['object']})).toEqual([]);
  });

  test('takes no name that is taken', () => {
    expect(
      evolve({Name: ['string'], NAME: ['string'], 'na me': ['string'], na_me: ['string']}).map(({name}) => name),
    ).toEqual(['name_2', 'name_3', 'na_me', 'na_me_2']);
  });

  test('becomes text where its column had another type before', () => {
    expect(evolve({extra: ['integer']}, new Map([['extra', 'BOOLEAN']]))[0]?.kind).toBe('text');
    expect(evolve({extra: ['integer']}, new Map([['extra', 'BIGINT']]))[0]?.kind).toBe('integer');
  });

  test.each<[string, SentType, string]>([
    ['DOUBLE', 'integer', 'double'],
    ['BIGINT', 'number', 'double'],
    ['DECIMAL(9,2)', 'integer', 'double'],
    ['HUGEINT', 'integer', 'double'],
    ['INTEGER', 'integer', 'integer'],
    ['VARCHAR', 'integer', 'text'],
    ['DATE', 'integer', 'text'],
  ])('whose column held %s before, and is sent %ss, becomes %s', (held, sent, kind) => {
    expect(evolve({extra: [sent]}, new Map([['extra', held]]))[0]?.kind).toBe(kind);
  });
});
