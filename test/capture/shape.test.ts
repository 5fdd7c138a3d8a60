import {randomInt} from 'node:crypto';
import {expect, test} from 'vitest';
import {describeShape} from '../../src/capture/describe-shape.js';
import {Inventor} from '../../src/capture/inventor.js';
import {formatTree, type JsonTree, parseTree} from '../../src/capture/json-tree.js';
import {SeenValues} from '../../src/capture/seen-values.js';
import {ShapeReader} from '../../src/capture/shape.js';
import {collectVocabulary} from '../../src/capture/vocabulary.js';
import {tables} from '../../tables/index.js';

const vocabulary = collectVocabulary(tables);

function treeOf(value: unknown): JsonTree {
  return parseTree(JSON.stringify(value)) ?? expect.fail('no JSON');
}

/** The paths that are kept of replies. */
function pathsOf(replies: readonly unknown[], host = 'acme.docebosaas.com'): readonly string[] {
  const trees = replies.map(treeOf);
  const reader = new ShapeReader(vocabulary, new SeenValues(trees, [host]), host);
  return [...describeShape(reader.readReplies(trees)).keys()];
}

const list = (...items: readonly object[]) => [{data: {items, count: items.length}}];
const user = {user_id: '1', username: 'ann', email: 'ann@acme.example'};

test('a new member of records stays if it is written like one of Docebo and most records hold it', () => {
  const paths = pathsOf(
    list({...user, risk_score: 1, isVip: true}, {...user, risk_score: 2, isVip: true}, {...user, rare: 1}),
  );
  expect(paths).toEqual(expect.arrayContaining(['data.items[].risk_score', 'data.items[].isVip']));
  expect(paths).not.toContain('data.items[].rare');
});

test('a new member stays only if two records of a list that was served have it', () => {
  const records = [1, 2].map(risk_score => ({...user, risk_score}));
  const isKept = (...replies: Parameters<typeof pathsOf>) =>
    pathsOf(...replies)
      .join(' ')
      .includes('risk_score');
  expect(isKept(list(...records))).toBe(true);
  expect(isKept(list(...records.slice(1)))).toBe(false);
  expect(isKept(records.map(record => ({data: record})))).toBe(false);
  const refused = list(...records).map(treeOf);
  const reader = new ShapeReader(vocabulary, new SeenValues(refused), 'acme.docebosaas.com');
  expect([...describeShape(reader.readReplies([], refused)).keys()].join(' ')).not.toContain('risk_score');
});

test.each([
  ['one of its words is only the tenant’s', {...user, zyntax_level: 'x', country: 'Zyntax AG'}],
  ['a title of a field is a value elsewhere', {...user, cost_centre: 'x', country: 'Cost Centre'}],
  ['its words stand in a longer text', {...user, cost_centre: 'x', country: 'The centre of all cost'}],
  ['it holds the name of the host', {...user, acme_level: 'x'}],
  ['it is written like a text', {...user, 'Cost centre': 'x'}],
  ['it begins with a capital', {...user, Anna: 'x'}],
  ['it holds a number', {...user, team_2041: 'x'}],
  ['it is no Latin word', {...user, отдел: 'x'}],
  ['it stands in a map that nobody declares', {...user, manager_names: {sales: 1, marketing: 2}}],
  ['it stands in a map of users', {...user, managers: {anna: {manager_id: 1}, bob: {manager_id: 2}}}],
])('no name stays if %s', (_, record) => {
  const known = Object.keys(user).map(key => `data.items[].${key}`);
  const top = ['data', 'data.items', 'data.items[]', 'data.count'];
  const mapped = /^data.items\[\]\.(country|manager_names|managers)(\.\{\}(\.manager_id)?)?$/;
  const left = pathsOf(list(record, record)).filter(path => ![...known, ...top].includes(path) && !mapped.test(path));
  expect(left.filter(path => path !== 'data.items[].{}')).toEqual([]);
});

test('of an envelope only names stay that are known', () => {
  const paths = pathsOf([{result: {rows: [user], wrapped: {risk_score: 1}}, took_ms: 3}]);
  expect(paths).toEqual(expect.arrayContaining(['result.rows[].user_id', 'result.{}', 'result.{}.{}', '{}']));
  expect(paths.join(' ')).not.toMatch(/wrapped|risk|took/);
  const names = Object.fromEntries('abcdefghi'.split('').map(letter => [letter.repeat(4), 1]));
  expect(pathsOf([names])).toEqual(['{}']);
});

test('words that stay are those that descriptions list', () => {
  const told = [...vocabulary.words].filter(([key]) => !key.startsWith('sort_'));
  // A new word here is a word that may be left of a tenant: it has to be Docebo's own.
  expect(Object.fromEntries(told.map(([key, words]) => [key, [...words].join(' ')]))).toMatchInlineSnapshot(`
    {
      "attendance_type": "onsite online flexible",
      "catalogue_sort_dir": "asc desc",
      "course_status": "published in_maintenance draft",
      "course_type": "elearning classroom webinar ilt",
      "duration_unit": "day year",
      "enrollment_status": "to_confirm waiting",
      "is_manager": "true 1",
      "item_type": "learning_course_type learning_plan",
      "level": "godadmin power_user user",
      "lo_type": "scormorg video test poll",
      "object_type": "scormorg video test poll",
      "status": "enrolled waiting in_progress completed",
      "type": "textfield dropdown date yesno elearning classroom webinar learning_plan ilt",
      "type_id": "asset playlist my-course my-lp",
    }
  `);
});

test('a long text is looked at once, and not from each place on', () => {
  const long = (text: string) => text.repeat(300_000 / text.length);
  const texts = [
    `x${long(' ')}x`,
    `${long('0')}x`,
    `${long('1')}x`,
    long('1'),
    `a@${long('a.')} `,
    `${long('1.')}x`,
    `${long('1:')}x`,
  ];
  const nothing = new SeenValues([]);
  const inventor = new Inventor(vocabulary, nothing, randomInt);
  const reader = new ShapeReader(vocabulary, nothing, 'acme.docebosaas.com');
  for (const text of [...texts, long('<a'), `[${long('] ')}x`]) {
    expect(inventor.text(text, 'last_access_date')).not.toBe(text);
    expect([...describeShape(reader.readReplies([[text]])).values()]).toEqual([
      expect.stringContaining('of up to 524288'),
    ]);
  }
});

test('JSON is read as it was sent, and written so that it is the same', () => {
  const text =
    '{"a":[1.50,1e5,12345678901234567890,-0,"1",true,null,{}],"__proto__":{"\\"n1":"\\ud83c\\udf93"},"2":1,"1":[]}';
  const tree = parseTree(text) ?? expect.fail('no JSON');
  expect(formatTree(tree, null).replaceAll(/([,:]) /g, '$1')).toBe(text.replace('\\ud83c\\udf93', '🎓'));
  expect(parseTree(formatTree(tree))).toEqual(tree);
  for (const broken of ['{"a":01}', '{"a":1', '1 2', '', '<html>', '{"a":-}', 'NaN'])
    expect(parseTree(broken), broken).toBeUndefined();
  expect(parseTree(`${'['.repeat(5000)}${']'.repeat(5000)}`)).toBeDefined();
});
