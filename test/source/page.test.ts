import {describe, expect, it} from 'vitest';
import {PageFormat} from '../../src/source/lists/page.js';
import {type ApiRoute, defineTable, integer, text} from '../../src/table.js';

const things = defineTable({
  name: 'things',
  area: 'people',
  description: 'Things.',
  routes: [{path: '/things'}],
  primaryKey: ['thing_id'],
  columns: {thing_id: integer('Id.', {from: ['id', 'thing_id']}), name: text('Name.')},
});

function readOf(route: ApiRoute, body: string, address = {}) {
  const page = new PageFormat(things, route, 200).read(Buffer.from(body), {
    number: 1,
    bound: {},
    extra: {},
    ...address,
  });
  return {sent: page.facts.sent, landed: page.look().map(record => record.encode().toString())};
}

describe('a reply that is one record', () => {
  const route: ApiRoute = {path: '/things/{thing_id}', paging: 'single', record: 'data'};
  const read = (body: string) => readOf(route, body, {bound: {thing_id: '7'}});

  it('is that record, whatever its members look like', () => {
    const record = '{"id":"7","items":[{"id":8}],"of":{"id":9}}';
    expect(read(`{"version":"1","data":${record}}`)).toEqual({
      sent: 1,
      landed: ['{"thing_id":"7","id":"7","items":[{"id":8}],"of":{"id":9}}'],
    });
  });

  it.each(['{"data":{"id":8}}', '{"data":{"name":"x"}}', '{"data":{"id":null}}', '{"data":{"success":false}}'])(
    'has to hold the key that was asked for: %s',
    body => {
      expect(() => read(body)).toThrow('was answered with a record of another thing_id, or of none');
    },
  );

  it.each(['{"data":null}', 'null'])('may be none: %s', body => {
    const address = {number: 1, bound: {thing_id: '7'}, extra: {}};
    expect(new PageFormat(things, route, 200).read(Buffer.from(body), address).facts).toMatchObject({
      sent: 0,
      blank: 200,
    });
  });

  it.each(['{"data":{}}', '{"data":[]}', '{"data":[{"id":7}]}', '{"data":"x"}', '{"things":{"id":7}}'])(
    'is nothing else: %s',
    body => {
      expect(() => read(body)).toThrow(/of none|no records at data/);
    },
  );

  it('is an error if it says so', () => {
    expect(() => read('{"data":{"id":7},"error":"gone"}')).toThrow('an error in a success');
  });
});

describe("a tree's root, beside the list", () => {
  const descend = {param: 'node', id: 'thing_id', hasChildren: 'name', root: 'extra_data'};
  const read = (body: string, address = {}) => readOf({path: '/things', descend}, body, address);
  const [first, last] = [
    '{"extra_data":{"id":1,"n":1.10},"data":{"items":[{"id":2}]}}',
    '{"data":{"items":[{"id":2}]},"extra_data":{"id":1,"n":1.10}}',
  ];

  it.each([first, last])('is a record that the list does not count: %s', body => {
    expect(read(body)).toEqual({sent: 1, landed: ['{"id":2}', '{"id":1,"n":1.10}']});
  });

  it('is kept once: from the first page of the first list', () => {
    expect(read(first, {number: 2})).toEqual({sent: 1, landed: ['{"id":2}']});
    expect(read(first, {extra: {node: '1'}})).toEqual({sent: 1, landed: ['{"id":2}']});
  });

  it.each(['null', '[]', '{}', '{"name":"x"}', '7'])('may be named by nothing: %s', root => {
    expect(read(`{"data":[{"id":2}],"extra_data":${root}}`)).toEqual({sent: 1, landed: ['{"id":2}']});
  });

  it('stays as it was sent in a body that is not UTF-8', () => {
    const body = Buffer.concat([
      Buffer.from('{"extra_data":{"id":1,"name":"'),
      Buffer.from([0xff]),
      Buffer.from('"},"data":[{"id":2}]}'),
    ]);
    const page = new PageFormat(things, {path: '/things', descend}, 200).read(body, {number: 1, bound: {}, extra: {}});
    expect(page.lines.encode(1).toString()).toBe(
      '{"page":1,"record":{"id":2}}\n{"page":1,"record":{"id":1,"name":"\ufffd"},"notes":{"exact":{},"mended":{"/name":1}}}\n',
    );
  });
});
