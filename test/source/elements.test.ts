import {describe, expect, it} from 'vitest';
import {RawRecord} from '../../src/json/raw-record.js';
import {UnfitRouteError} from '../../src/source/lists/unfit-route.js';
import {ElementReader, nameRow} from '../../src/source/tables/elements.js';
import {type Derivation, defineTable, integer, text} from '../../src/table.js';

const parents = defineTable({
  name: 'parents',
  area: 'people',
  description: 'Parents.',
  routes: [{path: '/parents'}],
  primaryKey: ['id'],
  columns: {id: integer('Id.', {from: ['id', 'parent_id']}), name: text('Name.')},
});
const fields = {...parents, name: 'fields'};

function raw(json: string): RawRecord {
  const bytes = Buffer.from(json);
  return new RawRecord(bytes, {start: 0, end: bytes.length});
}

/** The rows that records of the parent give, as JSON texts. */
function read(derivation: Omit<Derivation, 'table'>, ...records: readonly string[]) {
  const reader = new ElementReader({table: parents, ...derivation}, []);
  const rows = records.flatMap(record => reader.read(raw(record)).map(each => each.encode().toString()));
  return {rows, isMissing: reader.warnings.length > 0};
}

describe('the elements of a record', () => {
  const bind = {parent_id: 'id'};

  it.each([
    [
      'a list',
      '{"id":7,"of":[{"a":1},{"a":2}]}',
      ['{"parent_id":"7","place":"1","a":1}', '{"parent_id":"7","place":"2","a":2}'],
    ],
    ['a map', '{"id":7,"of":{"x":{"a":1}}}', ['{"parent_id":"7","kind":"x","place":"1","a":1}']],
    ['a list with gaps', '{"id":7,"of":[null,{"a":2}]}', ['{"parent_id":"7","place":"2","a":2}']],
    [
      'numbers that no double holds',
      '{"parent_id":"7","of":[{"a":12345678901234567890.10}]}',
      ['{"parent_id":"7","place":"1","a":12345678901234567890.10}'],
    ],
    ['its own idea of the parent', '{"id":7,"of":[{"parent_id":8,"a":1}]}', ['{"parent_id":"7","place":"1","a":1}']],
  ])('may stand in %s', (_, record, rows) => {
    expect(read({each: 'of', key: 'kind', position: 'place', bind}, record)).toEqual({rows, isMissing: false});
  });

  it.each(['null', '[]', '{}', 'false', '""', '" "'])('may be none: %s', none => {
    expect(read({each: 'of', key: 'kind', bind}, `{"id":7,"of":${none}}`)).toEqual({rows: [], isMissing: false});
  });

  it.each(['7', '"x"', 'true', '[1]', '["x"]', '[[{}]]', '{"x":1}', '{"x":{},"x":{"a":1}}'])(
    'cannot be made of %s',
    odd => {
      expect(() => read({each: 'of', key: 'kind', bind}, `{"id":7,"of":${odd}}`)).toThrow(
        'of of a record of parents holds',
      );
    },
  );

  it('is the object itself if it is no map of objects', () => {
    expect(read({each: 'of', bind}, '{"id":7,"of":{"a":1,"b":null}}').rows).toEqual([
      '{"parent_id":"7","a":1,"b":null}',
    ]);
  });

  it('may lie below other lists and maps, whose members it is given', () => {
    const record = '{"id":7,"in":{"list":[{"sid":null,"id":3,"of":[{"a":1}]},{"sid":4,"of":{"k":{"a":2}}},{"sid":5}]}}';
    const {rows, isMissing} = read({each: 'in.list[].of', outer: {own: ['sid', 'id']}, bind}, record);
    expect(rows).toEqual(['{"parent_id":"7","own":"3","a":1}', '{"parent_id":"7","own":"4","a":2}']);
    expect(isMissing).toBe(false);
    const mapped = '{"id":7,"in":{"list":{"3":{"id":3,"of":[{"a":1}]}}}}';
    expect(read({each: 'in.list[].of', outer: {own: ['id']}}, mapped).rows).toEqual(['{"own":"3","a":1}']);
  });

  it.each([
    ['no record holds the member', ['{"id":7}', '{"id":8}'], true],
    ['one record holds it', ['{"id":7}', '{"id":8,"in":[{"of":[]}]}'], false],
    ['there is nothing that could hold it', ['{"id":7,"in":[]}'], false],
    ['there is no record', [], false],
  ])('is missing or not if %s', (_, records, isMissing) => {
    expect(read({each: 'in[].of', bind}, ...records)).toEqual({rows: [], isMissing});
  });
});

describe('elements that the parent counts', () => {
  const derivation = {each: 'of', counted: 'count', bind: {parent_id: 'id'}};
  const counting = {...parents, columns: {...parents.columns, count: integer('Count.')}};
  const reader = new ElementReader({table: counting, ...derivation}, []);

  it.each(['{"id":7,"count":1,"of":[{"a":1}]}', '{"id":7,"count":"0"}', '{"id":7,"count":0,"of":[{"a":1}]}'])(
    'may be as many or more: %s',
    record => {
      reader.read(raw(record));
      expect(() => reader.refuseUnfit()).not.toThrow();
    },
  );

  it.each([
    '{"id":7,"count":"2","of":[{"a":1}]}',
    '{"id":7,"count":1}',
    '{"id":7,"count":"1,000","of":[{"a":1}]}',
    '{"id":7,"count":null,"of":[{"a":1}]}',
    '{"id":7,"of":[]}',
  ])('make the route unfit if fewer came, or nobody knows how many there are: %s', record => {
    expect(() => reader.read(raw(record))).toThrow(UnfitRouteError);
  });
});

it('that some record lacks make the route unfit if another is left', () => {
  const reader = new ElementReader({table: parents, each: 'of'}, []);
  reader.read(raw('{"id":7,"of":[]}'));
  reader.refuseUnfit();
  reader.read(raw('{"id":8}'));
  expect(() => reader.refuseUnfit()).toThrow('of is not in every record of parents.');
  expect(reader.warnings).toEqual([]);
});

describe('members that rows of another table name', () => {
  const derivation = {table: parents, each: 'field_{id}', named: fields, bind: {parent_id: 'id'}};
  const names = [raw('{"id":1,"title":"Size"}'), raw('{ }'), raw('{"id":"22"}')].flatMap(row => nameRow(fields, row));
  const reader = new ElementReader(derivation, names);

  it('are a row each, with their value', () => {
    const rows = reader.read(raw('{"id":7,"field_22":{"x":1},"field_1":null,"field_3":null,"field_":1,"other":1}'));
    expect(rows.map(row => row.encode().toString())).toEqual([
      '{"parent_id":"7","value":null,"id":1,"title":"Size"}',
      '{"parent_id":"7","value":{"x":1},"id":"22"}',
    ]);
  });

  it.each(['{"id":7,"field_1":1}', '{"id":7,"field_1":1,"field_22":1,"field_3":1}'])(
    'make the route unfit if one is lacking, or holds a value and is not named: %s',
    record => {
      expect(() => reader.read(raw(record))).toThrow(UnfitRouteError);
    },
  );
});
