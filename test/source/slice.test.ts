import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {InvalidBodyError} from '../../src/json/scanner.js';
import {type SlicedBody, Slicer} from '../../src/source/lists/slice.js';
import {defaultRecordPaths} from '../../src/table.js';

const newSlicer = (declared: readonly string[] = [], paths = defaultRecordPaths) =>
  new Slicer(new Map(declared.map(key => [key, [{keys: [key], isWhole: false}]])), paths);

function slice(text: string | Buffer, paths?: readonly string[]): SlicedBody {
  return newSlicer([], paths).slice(Buffer.from(text));
}

function recordTexts({bytes, spans}: SlicedBody): readonly string[] {
  const texts: string[] = [];
  for (let index = 0; index < spans.length; index += 2)
    texts.push(bytes.toString('utf8', spans[index], spans[index + 1]));
  return texts;
}

const records = (sliced: SlicedBody): readonly unknown[] => recordTexts(sliced).map(text => JSON.parse(text));

const refuses = (body: string | Buffer): boolean => {
  try {
    slice(body);
    return false;
  } catch (error) {
    if (error instanceof InvalidBodyError) return true;
    throw error;
  }
};

const parses = (body: Buffer): boolean => {
  try {
    JSON.parse(body.toString());
    return true;
  } catch {
    return false;
  }
};

/** A text as JSON.parse would give it back from UTF-8, which holds no lone surrogate. */
const texts = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('"', '\\', '\n', '\u2028', '{', ']', ',', '😀'),
      fc.nat(0xffff).map(unit => String.fromCharCode(unit)),
    ),
  })
  .map(text => Buffer.from(text).toString());
const values = fc.letrec<{value: unknown}>(tie => ({
  value: fc.oneof(
    {depthSize: 'small'},
    texts,
    fc.integer(),
    fc.double({noNaN: true, noDefaultInfinity: true}).map(number => number + 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), {maxLength: 4}),
    fc.dictionary(texts, tie('value'), {maxKeys: 4}),
  ),
})).value;
const recordLists = fc.array(
  fc.dictionary(fc.oneof(fc.constantFrom('id', 'name', '__proto__'), texts), values, {maxKeys: 6}),
  {
    maxLength: 8,
  },
);
const bodies = fc
  .record({items: recordLists, has_more_data: fc.boolean(), extra: values, indent: fc.constantFrom(undefined, 2, '\t')})
  .map(({items, has_more_data, extra, indent}) => ({
    items,
    envelope: {data: {items: [], has_more_data}, version: extra},
    text: JSON.stringify({data: {items, has_more_data}, version: extra}, null, indent),
  }));

describe('a whole body', () => {
  test('is cut into lines that parse to its records, and an envelope that is the rest', () => {
    fc.assert(
      fc.property(bodies, ({items, envelope, text}) => {
        const sliced = slice(text);
        const lines = recordTexts(sliced);
        expect(lines.map(line => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(items)));
        expect(lines.filter(line => /[\n\r]/.test(line))).toEqual([]);
        expect(sliced.envelope).toEqual(JSON.parse(JSON.stringify(envelope)));
        expect(sliced.foundAt).toBe('data.items');
        expect({repeated: sliced.repeated, wasMended: sliced.wasMended}).toEqual({repeated: [], wasMended: false});
      }),
      {numRuns: 300},
    );
  });

  test('is read alike by a slicer that has read others before', () => {
    fc.assert(
      fc.property(fc.array(bodies, {maxLength: 4}), several => {
        const slicer = newSlicer();
        for (const {items, text} of several)
          expect(records(slicer.slice(Buffer.from(text)))).toEqual(JSON.parse(JSON.stringify(items)));
      }),
    );
  });
});

describe('a body that is not whole', () => {
  test('is refused wherever it is cut', () => {
    fc.assert(
      fc.property(bodies, fc.nat(), ({text}, at) => {
        const bytes = Buffer.from(text);
        expect(refuses(bytes.subarray(0, at % bytes.length))).toBe(true);
      }),
      {numRuns: 500},
    );
  });

  test('is refused at each single byte of a page', () => {
    const page = Buffer.from('{"data":{"items":[{"id":"1","a":[1.5e3,true,null]},{"id":"2\\u00e9"}],"count":2}}');
    const accepted = Array.from({length: page.length}, (_, end) => end).filter(end => !refuses(page.subarray(0, end)));
    expect(accepted).toEqual([]);
  });

  test('is refused exactly if JSON.parse refuses it', () => {
    fc.assert(
      fc.property(bodies, fc.nat(), fc.integer({min: 0, max: 255}), ({text}, at, byte) => {
        const bytes = Buffer.from(text);
        bytes[at % bytes.length] = byte;
        const parsable = parses(bytes);
        // A record that is no object is JSON all the same, but no record.
        fc.pre(!parsable || holdsObjectsOnly(bytes));
        expect(refuses(bytes)).toBe(!parsable);
      }),
      {numRuns: 2000},
    );
  });

  test.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":1,}',
    '{"a" 1}',
    '{a:1}',
    '01',
    '-',
    '1.',
    '.5',
    '1e',
    '1e+',
    '+1',
    'nul',
    'truee',
    '"\\x"',
    '"\\u12g4"',
    '"\t"',
    '"',
    '[1 2]',
    '{} {}',
    '[}',
    "{'a':1}",
    'NaN',
    '\ufeff{}',
    '<html></html>',
    '\u00a0{}',
    '\f{}',
  ])('such as %j', text => {
    expect([refuses(text), refuses(`{"data":{"items":[{"a":${text}}]}}`)]).toEqual([true, true]);
  });

  test.each(['1', '[1,"a"]', '[[{}]]', '[null]'])('is one whose records are no objects: %s', items => {
    expect(refuses(`{"data":{"items":${items === '1' ? '[1]' : items}}}`)).toBe(true);
  });

  test.each([
    '{"data":{"items":[{"a":1}],"items":[]}}',
    '{"data":{"items":[]},"data":{"items":[{"a":1}]}}',
    '{"data":{"items":{"7":{"a":1}},"\\u0069tems":[]}}',
  ])('is one in which the records stand twice: %s', text => {
    expect(refuses(text)).toBe(true);
  });

  test.each(['{"data":[{"x"::12345678901234567}]}', '{"data":[{"x":}]}', '{"data":[{"x":+12345678901234567}]}'])(
    'is one in which no value follows a key that no column declares: %s',
    text => {
      expect(refuses(text)).toBe(true);
    },
  );

  test('says where it stopped', () => {
    expect(() => slice('{"data":{"items":[{"id":')).toThrow(
      new InvalidBodyError('not a whole JSON value: it ends too early, at byte 24 of 24'),
    );
  });

  test('says so where it is a page of HTML', () => {
    expect(() => slice('\n<!doctype html><html></html>')).toThrow(
      new InvalidBodyError('a page of HTML instead of JSON'),
    );
  });
});

function holdsObjectsOnly(bytes: Buffer): boolean {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const body: unknown = JSON.parse(bytes.toString());
  if (!isObject(body)) return true;
  const data = isObject(body['data']) ? body['data'] : {};
  return (
    [data['items'], body['data'], body['items']].every(list => !Array.isArray(list) || list.every(isObject)) &&
    !isObject(data['items']) &&
    !isObject(body['items']) &&
    isObject(body['data'])
  );
}

describe('what would stop a line from loading is mended', () => {
  test.each([
    ['a key that stands twice', '{"a":1,"b":2,"a":3}', {a: 3, b: 2}],
    ['a key that stands three times', '{"a":1,"a":2,"b":0,"a":3}', {a: 3, b: 0}],
    ['a key that stands twice, once escaped', '{"a":1,"\\u0061":2}', {a: 2}],
    ['a lone high surrogate', '{"a":"x\\ud83dy"}', {a: 'x\ufffdy'}],
    ['a lone low surrogate', '{"a":"\\ude00"}', {a: '\ufffd'}],
    ['a lone surrogate in a key', '{"\\ud83d":1}', {'\ufffd': 1}],
    ['two high surrogates', '{"a":"\\ud83d\\ud83d\\ude00"}', {a: '\ufffd😀'}],
  ])('%s', (_, record, expected) => {
    const sliced = slice(`[${record}]`, ['']);
    expect(sliced.foundAt).toBeNull();
    const inItems = slice(`{"data":[${record}]}`);
    expect(records(inItems)).toEqual([expected]);
    expect(inItems.wasMended || inItems.repeated.length > 0).toBe(true);
    expect(inItems.bytes.length).toBe(record.length + '{"data":[]}'.length);
  });

  test('invalid UTF-8', () => {
    const sliced = slice(Buffer.concat([Buffer.from('{"data":[{"a":"'), Buffer.of(0xff), Buffer.from('"}]}')]));
    expect({records: records(sliced), wasMended: sliced.wasMended}).toEqual({
      records: [{a: '\ufffd'}],
      wasMended: true,
    });
  });

  test('and a pair of surrogates is left alone', () => {
    const sliced = slice('{"data":[{"a":"\\ud83d\\ude00"}]}');
    expect({texts: recordTexts(sliced), wasMended: sliced.wasMended}).toEqual({
      texts: ['{"a":"\\ud83d\\ude00"}'],
      wasMended: false,
    });
  });
});

describe('the records are found', () => {
  const facts = (text: string, paths?: readonly string[]) => {
    const sliced = slice(text, paths);
    return {records: records(sliced), foundAt: sliced.foundAt, envelope: sliced.envelope};
  };
  const sessions = ['data.sessions'];

  test.each([
    [
      'at data.items',
      '{"data":{"items":[{"a":1}],"count":1}}',
      undefined,
      [{a: 1}],
      'data.items',
      {data: {items: [], count: 1}},
    ],
    ['in a bare list at data', '{"data":[{"a":1}]}', undefined, [{a: 1}], 'data', {data: []}],
    ['at the root', '{"items":[{"a":1}],"total_count":1}', undefined, [{a: 1}], 'items', {items: [], total_count: 1}],
    ['in an empty list', '{"data":{"items":[]}}', undefined, [], 'data.items', {data: {items: []}}],
    [
      'in a map',
      '{"data":{"sessions":{"7":{"a":1},"9":{"a":2}}}}',
      sessions,
      [{a: 1}, {a: 2}],
      'data.sessions',
      {data: {sessions: []}},
    ],
    [
      'in a map that is empty and so a list',
      '{"data":{"sessions":[]}}',
      sessions,
      [],
      'data.sessions',
      {data: {sessions: []}},
    ],
    ['nowhere', '{"name":"Error","message":["no"]}', undefined, [], null, {name: 'Error', message: ['no']}],
    ['nowhere, in null', '{"data":null}', undefined, [], null, {data: null}],
    ['nowhere, in a list of lists', '[[1]]', undefined, [], null, [[1]]],
  ] as const)('%s', (_, text, paths, found, foundAt, envelope) => {
    expect(facts(text, paths)).toEqual({records: found, foundAt, envelope});
  });
});

describe('undeclared keys', () => {
  test('are told with each type once', () => {
    const slicer = newSlicer(['id']);
    const list = [
      '{"id":1,"a":null,"b":1,"c":"x"}',
      '{"id":2,"a":true,"b":1.5,"c":[],"d":{},"e":1e3,"f":-12}',
      '{"id":3,"a":false,"b":123456789012345678901,"c":"y"}',
    ];
    expect(slicer.slice(Buffer.from(`{"data":[${list.join()}]}`)).undeclared).toEqual({
      a: ['null', 'boolean'],
      b: ['integer', 'number', 'hugeint'],
      c: ['string', 'array'],
      d: ['object'],
      e: ['number'],
      f: ['integer'],
    });
    // Whether a page lands is not known here, so each tells all that it holds.
    expect(slicer.slice(Buffer.from('{"data":[{"id":4,"a":null,"g":1}]}')).undeclared).toEqual({
      a: ['null'],
      g: ['integer'],
    });
  });

  test('are told although a body before was refused with them in it', () => {
    const slicer = newSlicer(['id']);
    expect(() => slicer.slice(Buffer.from('{"data":[{"id":1,"new":1}'))).toThrow(InvalidBodyError);
    expect(slicer.slice(Buffer.from('{"data":[{"id":1,"new":1}]}')).undeclared).toEqual({new: ['integer']});
  });
});

describe('nothing overflows', () => {
  test('100,000 levels of nesting', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(recordTexts(slice(`{"data":[{"a":${deep}}]}`))).toEqual([`{"a":${deep}}`]);
    expect(refuses(`{"data":[{"a":${'['.repeat(100_000)}}]}`)).toBe(true);
  });

  test('a text of a megabyte', () => {
    const long = 'é\\"'.repeat(350_000);
    expect(recordTexts(slice(`{"data":[{"a":"${long}"}]}`))).toEqual([`{"a":"${long}"}`]);
  });
});
