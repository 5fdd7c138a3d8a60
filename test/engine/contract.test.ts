import {describe, expect, test} from 'vitest';
import {applyContract} from '../../src/engine/contract.js';
import type {EarlierColumns} from '../../src/engine/name-keys.js';
import {toSnakeCase} from '../../src/engine/name-keys.js';
import type {SentType} from '../../src/json/scanner.js';
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

/** An earlier table, by the types of its columns, the keys that they are known to be made of, and those that are of none. */
function earlierOf(
  types: Readonly<Record<string, string>>,
  keys: Readonly<Record<string, string>> = {},
  own: readonly string[] = [],
): EarlierColumns {
  return new Map(
    Object.entries(types).map(([name, type]) => [name, {type, key: keys[name] ?? null, isOwn: own.includes(name)}]),
  );
}

const nothingSpooled = {
  name: 'users',
  recordsFile: '',
  manifestFile: '',
  records: 0,
  total: 0,
  moved: false,
  undeclared: new Map<string, ReadonlySet<SentType>>(),
  exact: new Set<string>(),
  mended: new Set<string>(),
  repeated: new Set<string>(),
  bound: new Set<string>(),
  longestLine: 0,
  readAt: null,
};

function applyEvolve(
  undeclared: Readonly<Record<string, readonly SentType[]>>,
  earlier: EarlierColumns | null = new Map(),
) {
  const seen = new Map(Object.entries(undeclared).map(([key, types]) => [key, new Set(types)]));
  const spooled = {...nothingSpooled, undeclared: seen};
  const table = makeTable({ignores: {_links: 'Navigation only.'}});
  return applyContract(table, spooled, earlier, {schemaContract: 'evolve'});
}

function evolve(...given: Parameters<typeof applyEvolve>) {
  return applyEvolve(...given).evolved;
}

describe('a key that no column declares', () => {
  test('makes no column where all of them are left out', () => {
    const table = makeTable({ignores: {'*': 'They stand elsewhere.'}});
    const spooled = {...nothingSpooled, undeclared: new Map([['other', new Set<SentType>(['string'])]])};
    for (const schemaContract of ['evolve', 'discard_row', 'freeze'] as const) {
      const {evolved, discardedBy} = applyContract(table, spooled, new Map(), {schemaContract});
      expect([...evolved, ...discardedBy]).toEqual([]);
    }
  });

  test('stands in the order of its number, whatever was sent first', () => {
    const keys = ['field_10', 'other', 'field_2', 'Field_2', 'field_1', 'field_11'];
    const names = (earlier?: null) =>
      applyEvolve(Object.fromEntries(keys.map(key => [key, ['string'] as const])), earlier).evolved.map(({key}) => key);
    const ordered = ['Field_2', 'field_1', 'field_2', 'field_10', 'field_11', 'other'];
    expect(names()).toEqual(ordered);
    // JSON lines, which know nothing of earlier columns.
    expect(names(null)).toEqual(ordered);
  });

  test.each<[SentType[], string]>([
    [['boolean'], 'boolean'],
    [['boolean', 'null'], 'boolean'],
    [['integer'], 'integer'],
    [['integer', 'number'], 'double'],
    [['number'], 'double'],
    [['integer', 'bigint'], 'integer'],
    [['bigint', 'number'], 'text'],
    [['hugeint'], 'text'],
    [['hugeint', 'integer', 'number'], 'text'],
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
    ).toEqual(['name_2', 'name_3', 'na_me_2', 'na_me']);
  });

  const named = (...given: Parameters<typeof applyEvolve>) =>
    Object.fromEntries(evolve(...given).map(({key, name}) => [key, name]));

  test('goes by its own name, where another one would be made into it', () => {
    expect(named({fooBar: ['string'], foo_bar: ['string']})).toEqual({fooBar: 'foo_bar_2', foo_bar: 'foo_bar'});
  });

  test('goes by the same name, whichever other keys hold something', () => {
    expect(named({fooBar: ['string'], foo_bar: ['null']})).toEqual({fooBar: 'foo_bar_2'});
    expect(named({fooBar: ['null'], foo_bar: ['string']})).toEqual({foo_bar: 'foo_bar'});
  });

  test('keeps the column that it had, whichever other keys come or are missing', () => {
    const types = {foo_bar: 'VARCHAR', foo_bar_2: 'VARCHAR'};
    const camelFirst = earlierOf(types, {foo_bar: 'fooBar', foo_bar_2: 'foo_bar'});
    expect(named({fooBar: ['string'], foo_bar: ['string']}, camelFirst)).toEqual({
      fooBar: 'foo_bar',
      foo_bar: 'foo_bar_2',
    });
    expect(named({foo_bar: ['string']}, camelFirst)).toEqual({foo_bar: 'foo_bar_2'});
    expect(named({foo_bar: ['string']}, earlierOf(types, {foo_bar: 'fooBar'}))).toEqual({foo_bar: 'foo_bar_2'});
    expect(applyEvolve({fooBar: ['string'], foo_bar: ['string']}, camelFirst).warnings).toEqual([]);
  });

  test('is named in a warning, where it cannot be told which key its column held', () => {
    const {warnings} = applyEvolve(
      {fooBar: ['string'], foo_bar: ['null']},
      earlierOf({foo_bar: 'VARCHAR', foo_bar_2: 'VARCHAR'}),
    );
    expect(warnings).toEqual(['The column foo_bar_2 holds "fooBar"; whether it held that key before is not known']);
  });

  test('leaves a column alone that somebody else has made, which is said once', () => {
    const mine = earlierOf({note: 'VARCHAR', name: 'VARCHAR'}, {}, ['note', 'name']);
    const {evolved, warnings} = applyEvolve({Note: ['string'], Name: ['string']}, mine);
    expect(evolved.map(({name}) => name)).toEqual(['name_2', 'note_2']);
    expect(warnings).toEqual(['The column note is your own, so the values sent as "Note" are in note_2']);
    const next = earlierOf({note: 'VARCHAR', note_2: 'VARCHAR'}, {note_2: 'Note'}, ['note']);
    expect(named({Note: ['string']}, next)).toEqual({Note: 'note_2'});
    expect(applyEvolve({Note: ['string']}, next).warnings).toEqual([]);
    const more = earlierOf({note: 'VARCHAR', note_2: 'VARCHAR'}, {}, ['note', 'note_2']);
    expect(named({note: ['string']}, more)).toEqual({note: 'note_3'});
  });

  test('has a name that depends on the key alone, where nothing tells what a column was made of', () => {
    const keys = ['fooBar', 'foo_bar', 'foo bar', 'Name', 'name', '???', 'foo_bar_1a2b3c', 'field_1'];
    const nights = [keys, ...keys.map(key => [key]), [...keys].reverse(), keys.slice(3)];
    const all = named(Object.fromEntries(keys.map(key => [key, ['string' as const]])), null);
    expect(new Set(Object.values(all)).size).toBe(keys.length - 1);
    for (const night of nights) {
      const names = named(Object.fromEntries(night.map(key => [key, ['string' as const]])), null);
      for (const [key, name] of Object.entries(names)) expect(name, key).toBe(all[key]);
    }
    expect(all).toMatchObject({
      field_1: 'field_1',
      foo_bar: 'foo_bar',
      fooBar: expect.stringMatching(/^foo_bar_[0-9a-f]{6}$/),
    });
  });

  test('becomes no column beside five hundred of other nights', () => {
    const columns = (count: number) => Object.fromEntries(Array.from({length: count}, (_, i) => [`c${i}`, 'BIGINT']));
    const metadata = {user_id: 'BIGINT', name: 'VARCHAR', _docebo_load_id: 'VARCHAR'};
    expect(evolve({c0: ['integer'], extra: ['integer']}, earlierOf({...metadata, ...columns(499)}))).toHaveLength(2);
    const tooMany = () => evolve({c0: ['integer'], extra: ['integer']}, earlierOf({...metadata, ...columns(500)}));
    expect(tooMany).toThrow('users would have 501 columns that are not declared, more than 500');
    expect(evolve({}, earlierOf({...metadata, ...columns(501)}))).toEqual([]);
  });

  test('is one of any number that go by one name', () => {
    const signs = (i: number) => i.toString(4).replaceAll(/\d/g, digit => '?!;,'.charAt(Number(digit)));
    const keys = Array.from({length: 50_000}, (_, i) => [signs(i), ['null' as const]]);
    expect(named({...Object.fromEntries(keys), '...': ['string']})).toHaveProperty(['...']);
  });

  test('becomes text where its column had another type before', () => {
    expect(evolve({extra: ['integer']}, earlierOf({extra: 'BOOLEAN'}))[0]?.kind).toBe('text');
    expect(evolve({extra: ['integer']}, earlierOf({extra: 'BIGINT'}))[0]?.kind).toBe('integer');
  });

  test.each<[string, SentType, string]>([
    ['DOUBLE', 'integer', 'double'],
    ['BIGINT', 'number', 'double'],
    ['DECIMAL(9,2)', 'integer', 'double'],
    ['HUGEINT', 'integer', 'double'],
    ['INTEGER', 'integer', 'integer'],
    ['VARCHAR', 'integer', 'text'],
    ['DOUBLE', 'bigint', 'text'],
    ['BIGINT', 'bigint', 'integer'],
    ['BIGINT', 'hugeint', 'text'],
    ['DATE', 'integer', 'text'],
  ])('whose column held %s before, and is sent %ss, becomes %s', (held, sent, kind) => {
    expect(evolve({extra: [sent]}, earlierOf({extra: held}))[0]?.kind).toBe(kind);
  });
});
