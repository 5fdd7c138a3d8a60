import {describe, expect, test} from 'vitest';
import {InvalidBodyError} from '../../src/json/scanner.js';
import {isDerived} from '../../src/routes.js';
import {PageFormat} from '../../src/source/lists/page.js';
import {defineTable, integer} from '../../src/table.js';
import {surveyAnswers} from '../../tables/survey_answers.js';

const things = defineTable({
  area: 'people',
  name: 'things',
  description: 'Things.',
  routes: [{path: '/things'}],
  primaryKey: ['id'],
  columns: {id: integer('Id.')},
});

const readText = (text: string) =>
  new PageFormat(things, {path: '/things'}, 200).read(Buffer.from(text), {number: 1, bound: {}, extra: {}});
const read = (body: unknown) => readText(JSON.stringify(body));

describe('an error in a success is no list', () => {
  test.each([
    {name: 'Internal Server Error', message: ['An error occurred'], status: 500},
    {data: [], name: 'Internal Server Error', status: 500},
    {data: [], name: 'Internal Server Error'},
    {data: [], message: ['Something went wrong']},
    {data: [], status: 500},
    {data: [], status: '503'},
    {data: [], statusCode: 404},
    {data: [], status: 'error'},
    {data: [], code: 500},
    {data: [], success: 'false'},
    {data: [], success: 'False'},
    {data: [], success: 0},
    {data: [], success: '0'},
    {data: [], success: ''},
    {data: [], error: 'db down'},
    {data: [], error: true},
    {data: [], error: {code: 17}},
    {data: [], errors: ['db down']},
    {data: [], error: 201, message: 'User not found', success: false},
    {data: [], success: true, error: 'db down'},
    {data: {items: []}, name: 'Internal Server Error', status: 500},
    {data: {items: [], name: 'Internal Server Error', status: 500}},
    {data: {items: [], message: ['An error occurred']}},
    {data: {items: [], success: false}},
    {data: {items: [], error: 'db down'}},
    {data: {items: [], total_count: 0}, name: 'Internal Server Error'},
    {items: [], message: 'An error occurred'},
    {items: [], total_count: 0, success: 'no'},
    ...['500 Internal Server Error', ' 500', '500.0', 'Error 500', 'fatal', false].map(status => ({data: [], status})),
    ...['failed', 'KO', -1, {value: false}].map(success => ({data: [], success})),
    {data: [], exception: 'db down'},
    {data: [], errorMessage: 'db down'},
    {data: [], error_message: 'db down'},
    {data: [], errorCode: 500},
    {data: [], error_code: 'E_DB'},
    {data: [], http_code: 500},
    {data: [], Error: 'db down'},
    {data: [], Message: 'db down', Status: 500},
    {data: [], detail: 'db down'},
    {data: [], fault: {faultstring: 'db down'}},
    {data: [], type: 'about:blank', title: 'Service unavailable'},
    {data: [], ok: false},
    {data: [], result: 'error'},
    {data: [], code: -1},
    {data: [], code: 'E_DB'},
    {data: {items: [], code: 500}},
    {data: {items: [], name: 'Internal Server Error'}},
  ])('%j', body => {
    expect(() => read(body)).toThrow(InvalidBodyError);
    expect(() => read(body)).toThrow('an error in a success');
  });

  test.each([
    {data: [{id: 1}], success: false},
    {data: {items: [{id: 1}]}, error: 'the rest timed out'},
    {data: {items: [{id: 1}], total_count: 1}, name: 'Internal Server Error', status: 500},
  ])('though records stand beside it: %j', body => {
    expect(() => read(body)).toThrow('an error in a success');
  });

  test.each([
    {data: [], name: 'Internal Server Error', status: 500},
    {data: [], success: 'false'},
    {data: {answers: [], questions: [], success: false}},
    {name: 'Not found', message: ['No such poll']},
  ])('nor a survey: %j', body => {
    const [route = {path: ''}] = surveyAnswers.routes;
    if (isDerived(route)) throw new TypeError('Survey answers are derived.');
    const format = new PageFormat(surveyAnswers, route, 200);
    const page = () => format.read(Buffer.from(JSON.stringify(body)), {number: 1, bound: {poll_id: '1'}, extra: {}});
    expect(page).toThrow('an error in a success');
  });

  test('is told in its own words', () => {
    expect(() => read({data: [], name: 'Internal Server Error', message: ['Ask', 'later'], error: 'db down'})).toThrow(
      new InvalidBodyError('an error in a success: Internal Server Error Ask later db down'),
    );
    expect(() => read({data: [], status: 500})).toThrow('an error in a success: status 500');
  });
});

describe('what stands in the envelopes of real lists is no error', () => {
  const facts = {count: 0, has_more_data: false, current_page: 1, current_page_size: 200, total_count: 0};

  test.each([
    {data: {items: [], ...facts, cursor: null, sort: [], actions: []}, version: '1.0.0', _links: [], extra_data: {}},
    {data: {items: [], ...facts}, version: '1.0.0', _links: {self: {href: 'https://x/?status=500'}}, permissions: [1]},
    {data: {items: [], ...facts, success: true}},
    {data: [], success: true},
    {data: [], success: 'true', message: 'Nothing there yet'},
    {data: [], success: 1, error: 0, errors: [], code: 0},
    {data: [], success: null, error: null, message: null, name: null},
    {data: [], error: false, message: []},
    {data: [], error: '', message: ''},
    {data: [], error: {}, errors: {}},
    {data: [], status: 200, message: 'OK'},
    {data: [], status: 'success', message: 'Nothing there yet'},
    {data: [], statusCode: 200, name: 'users'},
    {data: {items: [], name: 'Onboarding', id: 7, status: 2}},
    {data: {items: [], code: '404', name: 'Course 404'}},
    {data: {items: [], ...facts, message: 'No records found'}},
    {items: [], total_count: 0, page: 1},
    {data: {items: [{id: 1}]}, message: 'One of one', name: 'things'},
    {data: [{id: 1, success: false, error: 'a record of its own', status: 500}]},
  ])('%j', body => {
    expect(() => read(body)).not.toThrow();
  });

  test('however deeply it is nested', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const text = `{"data":[],"success":${deep},"status":${deep},"code":${deep},"has_more_data":${deep}}`;
    expect(() => readText(text)).not.toThrow();
  });
});

describe('of statements that differ', () => {
  const facts = (body: unknown) => read(body).facts;

  test('the larger counts, wherever and however it is written', () => {
    expect(facts({data: {items: [{id: 1}], total_count: 2}, total_count: 5}).total).toBe(5);
    expect(facts({data: {items: [{id: 1}], total_count: '5.0'}}).total).toBe(5);
    expect(facts({data: {items: [{id: 1}], total_count: ' 5'}}).total).toBe(5);
    expect(facts({data: {items: [{id: 1}], total_page_count: 1, total_pages: 3}}).total_pages).toBe(3);
    expect(facts({data: {items: [{id: 1}], total_page_count: 1}, total_page_count: 3}).total_pages).toBe(3);
    expect(facts({data: {items: [{id: 1}], has_more_data: false}, has_more_data: true}).has_more).toBe(true);
    for (const yes of ['yes', 'Y', 'on', ' true '])
      expect(facts({data: {items: [], has_more_data: yes}}).has_more).toBe(true);
  });

  test('a number below 0 says that a count is not known', () => {
    expect(facts({data: {items: [], total_count: -1}}).total).toBe(null);
  });

  test.each([
    '{"data":{"items":[{"id":1}],"total_count":5.5}}',
    '{"data":{"items":[{"id":1}],"total_count":"many"}}',
    '{"data":{"items":[{"id":1}],"total_count":5,"total_count":2}}',
    '{"data":{"items":[{"id":1}]},"total_count":5,"total_count":2}',
    '{"data":{"items":[{"id":1}]},"items":[{"id":2},{"id":3}]}',
    '{"data":{"items":[]},"items":[{"id":2},{"id":3}]}',
  ])('%s is not understood', text => {
    expect(() => readText(text)).toThrow(InvalidBodyError);
  });

  test('nothing at one place and a list at another is not understood', () => {
    expect(() => readText('{"data":{"items":null,"users":[{"id":2}]}}')).toThrow('no records at');
    expect(() => readText('{"data":{"items":null,"total_count":0,"users":[{"id":2}]}}')).toThrow('no records at');
  });
});

test('a key is no longer than any that Docebo has', () => {
  expect(() => readText(`{"data":[{"${'k'.repeat(2000)}":1}]}`)).toThrow('a key of more than 1024 bytes');
});

test('the words of an error are told in short', () => {
  const said = () => read({data: [], error: 'x'.repeat(100_000)});
  expect(said).toThrow(/^an error in a success: x{300}…$/);
});
