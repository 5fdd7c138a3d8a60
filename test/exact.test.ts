import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openDestination} from '../src/destination/open.js';
import {fileSchemes} from '../src/destination-uri.js';
import {readRowsOf} from './destination/rows-of-files.js';
import {pageOf, serve} from './helpers/served.js';

describe('a record’s own keys', () => {
  test('are never taken for the number of its page', async () => {
    const object = (course: number) =>
      `{"id_org":1,"id_resource":${course}0,"object_type":"poll","_docebo_page":1,"page":1}`;
    const served = await serve(path => {
      if (path === '/learn/v1/courses') return pageOf('{"id_course":5}', '{"id_course":6}');
      const [, course] = /^\/learn\/v1\/courses\/(\d)\/los$/.exec(path) ?? [];
      return course === undefined ? undefined : `{"data":[${object(Number(course))}]}`;
    });
    const {exitCode} = await served.load(['polls', 'course_learning_objects']);
    expect(exitCode).toBe(0);
    expect(await served.query('SELECT course_id, poll_id FROM polls ORDER BY ALL')).toEqual([
      ['5', '50'],
      ['6', '60'],
    ]);
    const own = 'SELECT course_id, id_resource, docebo_page, page FROM course_learning_objects ORDER BY ALL';
    expect(await served.query(own)).toEqual([
      ['5', '50', '1', '1'],
      ['6', '60', '1', '1'],
    ]);
  });

  test('that stand twice in an object are read alike by all who read them', async () => {
    const served = await serve(path => {
      if (path === '/learn/v1/courses')
        return pageOf('{"id_course":5,"category":{"id":1,"id":2}}', '{"id_course":6,"id_course":7}');
      return path === '/learn/v1/courses/5/los' || path === '/learn/v1/courses/7/los' ? '{"data":[]}' : undefined;
    });
    const {exitCode} = await served.load(['courses', 'course_learning_objects']);
    expect(exitCode).toBe(0);
    expect(await served.query('SELECT id_course, category_id FROM courses ORDER BY ALL')).toEqual([
      ['5', '1'],
      ['7', null],
    ]);
  });
});

describe('ids beyond 2^53', () => {
  const [first, second] = ['9007199254740992', '9007199254740993'];

  test('stay two nodes of a tree', async () => {
    const node = (id: string, child: number) =>
      `{"id":${id},"title":"t","has_child":${child},"iLeft":${id},"iRight":${id}}`;
    const served = await serve((_, query) => {
      if (query.get('node_id') === second) return pageOf(node('9223372036854775807', 0));
      return query.get('node_id') === null ? pageOf(node(first, 0), node(second, 1)) : undefined;
    });
    const {exitCode} = await served.load(['categories']);
    expect(exitCode).toBe(0);
    expect(await served.query('SELECT id FROM categories ORDER BY id')).toEqual([
      [first],
      [second],
      ['9223372036854775807'],
    ]);
  });

  test.each([second, `"${second}"`, '9007199254740993.0'])('are asked for as they were sent: %s', async sent => {
    const served = await serve(path => {
      if (path === '/learn/v1/courses') return pageOf(`{"id_course":${sent}}`, `{"id_course":${first}}`);
      return path.endsWith('/los') ? `{"data":[{"id_org":${second},"id_resource":1,"object_type":"poll"}]}` : undefined;
    });
    const {exitCode} = await served.load(['course_learning_objects', 'courses', 'polls']);
    expect(exitCode).toBe(0);
    expect(served.asked.filter(path => path.endsWith('/los')).sort()).toEqual([
      `/learn/v1/courses/${first}/los`,
      `/learn/v1/courses/${second}/los`,
    ]);
    const rows = [
      [first, second],
      [second, second],
    ];
    expect(await served.query('SELECT course_id, id_org FROM course_learning_objects ORDER BY ALL')).toEqual(rows);
    expect(await served.query('SELECT course_id, id_org FROM polls ORDER BY ALL')).toEqual(rows);
    expect(await served.query('SELECT id_course FROM courses ORDER BY ALL')).toEqual([[first], [second]]);
  });
});

describe('numbers', () => {
  const sent = [
    '1.10',
    '1e5',
    '-0',
    '1E+2',
    '12345678901234567890123',
    '0.00001',
    '123456789012345678.5',
    '9007199254740993',
  ];

  test.each(['evolve', 'discard_value'] as const)(
    'stay as they were sent in text and JSON, nested ones too: %s',
    async schemaContract => {
      // The second reading takes each record as a whole: a key that stands twice but for case makes it.
      for (const also of ['', ',"name":"x","Name":"y"']) {
        const records = sent.map(
          (number, row) =>
            `{"id_course":${row},"code":${number},"partner_data":{ "a":[${number},{"b":${number}}] },"category":{"id":7,"name":${number}},"credits":${number},"own":{"c":${number}}${also}}`,
        );
        const served = await serve(path => (path === '/learn/v1/courses' ? pageOf(...records) : undefined));
        expect((await served.load(['courses'], {cast: {schemaContract}})).exitCode).toBe(0);
        const own = schemaContract === 'evolve' ? 'own::VARCHAR' : 'NULL';
        const columns = `code, partner_data::VARCHAR, category_name, category::VARCHAR, ${own}, credits`;
        expect(await served.query(`SELECT ${columns} FROM courses ORDER BY id_course`)).toEqual(
          sent.map(number => [
            number,
            expect.stringMatching(
              new RegExp(`^\\{ ?"a":\\[${quoteForPattern(number)},\\{"b":${quoteForPattern(number)}\\}\\] ?\\}$`),
            ),
            number,
            `{"id":7,"name":${number}}`,
            schemaContract === 'evolve' ? `{"c":${number}}` : null,
            Number(number) + 0,
          ]),
        );
      }
    },
  );

  test('that are whole and undeclared keep every digit', async () => {
    const records = ['1234567890123456789', '18446744073709551615', '18446744073709551614', '3', '9223372036854775807'];
    const columns = [
      ['id64', [0, 3, 4]],
      ['id128', [0, 1, 2, 3]],
      ['mixed', [0, 3]],
    ] as const;
    const served = await serve(() =>
      pageOf(
        ...records.map((number, row) => {
          const own = columns
            .filter(([, rows]) => rows.some(each => each === row))
            .map(([key]) => `,"${key}":${number}`);
          return `{"user_id":${row}${own.join('')}}`;
        }),
        '{"user_id":9,"mixed":1.50}',
        '{"user_id":10,"fraction":9007199254740993.0}',
        '{"user_id":11,"power":9.007199254740993e15,"plain":1.5e3,"long":0.10000000000000001}',
      ),
    );
    expect((await served.load(['users'])).exitCode).toBe(0);
    const types = `SELECT column_name, data_type FROM duckdb_columns() WHERE column_name IN ('id64', 'id128', 'mixed', 'fraction', 'power', 'plain', 'long') ORDER BY 1`;
    expect(await served.query(types)).toEqual([
      ['fraction', 'VARCHAR'],
      ['id128', 'VARCHAR'],
      ['id64', 'BIGINT'],
      ['long', 'DOUBLE'],
      ['mixed', 'VARCHAR'],
      ['plain', 'DOUBLE'],
      ['power', 'VARCHAR'],
    ]);
    expect(await served.query('SELECT max(fraction), max(power), max(plain), max(long) FROM users')).toEqual([
      ['9007199254740993.0', '9.007199254740993e15', 1500, 0.1],
    ]);
    const held = 'SELECT id64::VARCHAR, id128, mixed FROM users WHERE user_id < 10 ORDER BY user_id';
    expect(await served.query(held)).toEqual([
      [records[0], records[0], records[0]],
      [null, records[1], null],
      [null, records[2], null],
      ['3', '3', '3'],
      [records[4], null, null],
      [null, null, '1.50'],
    ]);
  });

  test('in a column of whole ones are taken however they are written', async () => {
    const written = ['12.0', '1.5e1', '9.007199254740993e15', '9007199254740993.0', '-0', '1.5'];
    const served = await serve(path =>
      path === '/learn/v1/courses'
        ? pageOf(...written.map((number, row) => `{"id_course":${row},"duration":${number}}`))
        : undefined,
    );
    const {tables} = await served.load(['courses']);
    expect(tables[0]?.castFailures).toEqual({duration: 1});
    expect(await served.query('SELECT duration FROM courses ORDER BY id_course')).toEqual(
      ['12', '15', '9007199254740993', '9007199254740993', '0', null].map(held => [held]),
    );
  });

  test('in answers of a survey stay as they were sent', async () => {
    const served = await serve(path => {
      if (path === '/learn/v1/courses') return pageOf('{"id_course":5}');
      if (path.endsWith('/los')) return '{"data":[{"id_org":1,"id_resource":9007199254740993,"object_type":"poll"}]}';
      const answers = sent.map(number => `{"answers":{"9007199254740993":[${number}]},"user_id":9007199254740993}`);
      return path === '/learn/v1/survey/9007199254740993/answer'
        ? `{"data":{"questions":{"9007199254740993":{"type_quest":"text","title_quest":"q"}},"answers":[${answers.join()}]}}`
        : undefined;
    });
    expect((await served.load(['survey_answers'])).exitCode).toBe(0);
    const all = 'SELECT poll_id, question_id, user_id, answer FROM survey_answers ORDER BY submission_number';
    const id = '9007199254740993';
    expect(await served.query(all)).toEqual(sent.map(number => [id, id, id, number]));
  });
});

function quoteForPattern(text: string): string {
  return text.replace(/[.+]/g, '\\$&');
}

describe('a column that is not declared', () => {
  test('is made although a reply that was refused held it first', async () => {
    let calls = 0;
    const good = pageOf('{"user_id":1,"field_1":"x"}');
    const served = await serve(() => (calls++ === 0 ? good.replace('{', '{"success":false,') : good));
    const {exitCode, tables} = await served.load(['users']);
    expect({exitCode, undeclared: tables[0]?.undeclared}).toEqual({exitCode: 0, undeclared: {field_1: ['string']}});
    expect(await served.query('SELECT user_id, field_1 FROM users')).toEqual([['1', 'x']]);
    expect((await served.load(['users'], {cast: {schemaContract: 'freeze'}})).exitCode).toBe(5);
  });
});

describe('nesting of 200,000 levels', () => {
  const deep = `${'[{"a":'.repeat(100_000)}1.10${'}]'.repeat(100_000)}`;

  test.each(['duckdb', ...fileSchemes] as const)('is held as it was sent: %s', async kind => {
    const served = await serve(path => {
      if (path === '/learn/v1/courses')
        return pageOf(`{"id_course":1,"category":${deep},"name":${deep},"own":${deep},"course_type":"elearning"}`);
      if (path === '/learn/v1/categories') return pageOf(`{"id":1,"title":"t","own":${deep}}`);
      if (path === '/learn/v1/courses/1/los')
        return `{"data":[{"id_org":1,"id_resource":2,"object_type":"poll","title":${deep}}]}`;
      return undefined;
    });
    const destination = openDestination(`${kind}:///${join(served.folder, 'out.duckdb')}`);
    const names = ['courses', 'categories', 'course_learning_objects', 'polls'];
    const {tables} = await served.load(names, {destination});
    expect(tables.map(({error}) => error)).toEqual(names.map(() => undefined));
    if (kind === 'duckdb') {
      expect(await served.query('SELECT category::VARCHAR, name, own::VARCHAR FROM courses')).toEqual([
        [deep, deep, deep],
      ]);
      expect(await served.query('SELECT own::VARCHAR FROM categories')).toEqual([[deep]]);
      expect(await served.query('SELECT title FROM polls')).toEqual([[deep]]);
    } else if (kind === 'jsonl') {
      const lines = await readFile(join(served.folder, 'out.duckdb', 'categories.jsonl'), 'utf8');
      expect(lines.includes(`"own":${deep}`)).toBe(true);
    } else {
      const file = join(served.folder, 'out.duckdb', `categories.${kind}`);
      expect(await readRowsOf(kind, file)).toMatchObject([{own: deep}]);
    }
  });
});

test('a survey that is nested more deeply than JavaScript can follow is refused in plain words', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const served = await serve(path => {
    if (path === '/learn/v1/courses') return pageOf('{"id_course":5}');
    if (path.endsWith('/los')) return '{"data":[{"id_org":1,"id_resource":2,"object_type":"poll"}]}';
    return `{"data":{"questions":{"3":{"type_quest":"text","title_quest":"q"}},"answers":[{"answers":{"3":[${deep}]}}]}}`;
  });
  const {tables} = await served.load(['survey_answers']);
  expect(tables[0]?.error).toMatchObject({exitCode: 5, message: expect.stringContaining('nested more deeply')});
});

describe('a text that is none', () => {
  const bad = Buffer.of(0xff, 0xc3);
  const withBytes = (text: string) =>
    Buffer.concat(text.split('¿').flatMap((part, i) => [...(i > 0 ? [bad] : []), Buffer.from(part)]));
  const users = (...records: readonly string[]) => withBytes(pageOf(...records));

  test.each([
    ['bytes that are not UTF-8', '¿', '\ufffd\ufffd'],
    ['half a surrogate pair', '\\ud83d', '\ufffd'],
  ])('such as %s is kept, mended, and counted by column', async (_, none, mended) => {
    const body = users(
      `{"user_id":1,"username":"a${none}b","email":"\ufffd","level":1.10}`,
      `{"user_id":2,"username":"c","own":{"a":["${none}"],"b":1.10},"own":{"a":["${none}"],"b":1.10},"email":"x"}`,
      `{"user_id":3,"username":"${none}","k${none}":"v","creation_date":"${none}","email":"y"}`,
    );
    const served = await serve(() => body);
    const {exitCode, tables} = await served.load(['users']);
    expect(exitCode).toBe(0);
    expect(tables[0]).toMatchObject({
      mendedTexts: {username: 2, own: 1, k: 1},
      invalidDates: {creation_date: 1},
      warnings: ['Some records hold a key twice (own); the last of the two values was taken'],
    });
    expect(await served.query('SELECT username, email, level, own::VARCHAR, k FROM users ORDER BY user_id')).toEqual([
      [`a${mended}b`, '\ufffd', '1.10', null, null],
      ['c', 'x', null, expect.stringMatching(/^\{"a":\[".+"\],"b":1\.10\}$/), null],
      [mended, 'y', null, null, 'v'],
    ]);
    const strict = await served.load(['users'], {cast: {onCastError: 'fail'}});
    expect(strict.tables[0]?.error).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('texts that hold invalid characters, by column: username (2), k (1), own (1)'),
    });
  });

  test('is counted where rows are derived, and where answers are taken apart', async () => {
    const served = await serve(path => {
      if (path === '/learn/v1/courses') return pageOf('{"id_course":5}');
      if (path.endsWith('/los'))
        return withBytes(
          '{"data":[{"id_org":1,"id_resource":2,"object_type":"poll","title":"¿"},{"id_org":2,"title":"¿"}]}',
        );
      return withBytes('{"data":{"questions":{"3":{"title_quest":"q"}},"answers":[{"answers":{"3":["¿","x"]}}]}}');
    });
    const {exitCode, tables} = await served.load(['course_learning_objects', 'polls', 'survey_answers']);
    expect(exitCode).toBe(0);
    expect(tables.map(({mendedTexts}) => mendedTexts)).toEqual([{title: 2}, {title: 1}, {answer: 1}]);
  });
});

test('a record is read however long it is', async () => {
  // DuckDB has to be told of the longest line; these are around the least that it is told, and beyond its own default.
  const lengths = [4 * 1024 * 1024 - 100, 4 * 1024 * 1024, 4 * 1024 * 1024 + 100, 20 * 1024 * 1024];
  for (const length of lengths) {
    const served = await serve(() => pageOf(`{"user_id":1,"username":"${'x'.repeat(length)}"}`, '{"user_id":2}'));
    expect((await served.load(['users'])).exitCode).toBe(0);
    expect(await served.query('SELECT strlen(username) FROM users ORDER BY user_id')).toEqual([
      [String(length)],
      [null],
    ]);
  }
});
