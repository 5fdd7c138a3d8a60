import type {DoceboOptions} from '../../src/source/docebo.js';
import {anywhere, bulk, expand, kept, paged, type Row, recovered, some} from './rows.js';

const quick: DoceboOptions = {maxAttempts: 2};

/** What goes wrong with every reply to a request. A page that is asked for by a cursor is asked for without, which is one call more. */
const rows: readonly Row[] = [
  {fault: '403', bend: {kind: 'status', status: 403}, at: anywhere, expected: kept(5, /with 403/, {moreCalls: 2})},
  {fault: '403', bend: {kind: 'status', status: 403}, at: ['every page', 'every child'], expected: kept(5, /with 403/)},
  {
    fault: '404',
    bend: {kind: 'status', status: 404},
    at: [...bulk, 'first child, page 2', 'first child, last page'],
    expected: kept(5, /with 404/, {moreCalls: 2}),
  },
  {
    fault: '404',
    bend: {kind: 'status', status: 404},
    at: ['every child'],
    expected: kept(7, /(\d+) of the \1 parents .* could not be read: 404 × \d/, {names: false, moreCalls: 6}),
  },
  // 408, 502 and 504 are judged as 500 is: source/client.test.ts.
  {fault: '401', bend: {kind: 'status', status: 401}, at: some, expected: kept(3, /refuses a fresh token/)},
  {
    fault: '429',
    bend: {kind: 'status', status: 429},
    at: some,
    expected: kept(4, /429/, {moreCalls: 200}),
  },
  {
    fault: '429, retry after',
    bend: {kind: 'status', status: 429, retryAfter: 600},
    at: ['middle page', 'first child'],
    expected: kept(4, /429/, {moreCalls: 8}),
  },
  {fault: '500', bend: {kind: 'status', status: 500}, at: anywhere, expected: kept(4, /after 6 attempts: .*500/)},
  {fault: '503', bend: {kind: 'status', status: 503}, at: some, expected: kept(4, /after 6 attempts: .*503/)},
  {
    fault: '500',
    bend: {kind: 'status', status: 500},
    at: ['every page', 'every child'],
    expected: kept(4, /after 6 attempts: .*500/, {moreCalls: 30}),
  },
  {fault: 'HTML with 200', bend: {kind: 'html'}, at: some, expected: kept(5, /6 times in a row/)},
  {fault: 'an error with 200', bend: {kind: 'error-body'}, at: some, expected: kept(5, /an error in a success/)},
  {fault: 'a failure with 200', bend: {kind: 'failure-body'}, at: some, expected: kept(5, /Internal error/)},
  {fault: 'cut JSON', bend: {kind: 'cut'}, at: some, expected: kept(5, /not a whole JSON value/)},
  {fault: 'a reset', bend: {kind: 'reset'}, at: some, expected: kept(4, /ECONNRESET|UND_ERR_SOCKET/)},
  {fault: 'a reset in the body', bend: {kind: 'truncated'}, at: some, expected: kept(4, /UND_ERR_SOCKET|aborted/)},
  {
    fault: 'a longer Content-Length',
    bend: {kind: 'wrong-length', by: 100},
    at: ['middle page'],
    expected: kept(4, /after 6 attempts/),
  },
  {
    fault: 'a shorter Content-Length',
    bend: {kind: 'wrong-length', by: -100},
    at: ['middle page'],
    expected: kept(5, /6 times in a row/),
  },
  {fault: 'garbled gzip', bend: {kind: 'garbage-gzip'}, at: some, expected: kept(5, /not the gzip it says it is/)},
  {
    fault: 'no reply',
    bend: {kind: 'hang'},
    at: ['middle page', 'first child'],
    expected: kept(4, /HEADERS_TIMEOUT/),
    docebo: {...quick, headersTimeoutMs: 400},
  },
  {
    fault: 'half a reply',
    bend: {kind: 'stall'},
    at: ['middle page', 'first child'],
    expected: kept(4, /BODY_TIMEOUT/),
    docebo: {...quick, bodyTimeoutMs: 400},
  },
  {
    fault: 'a reply in drips',
    bend: {kind: 'drip', intervalMs: 10},
    at: ['middle page', 'first child, page 2'],
    expected: kept(4, /not whole after 0.5 s/),
    docebo: {...quick, pageTimeoutMs: 500},
  },
  {
    fault: 'a huge reply',
    bend: {kind: 'huge', megabytes: 1},
    at: ['first page', 'middle page', 'single child'],
    expected: kept(5, /larger than 500000 bytes/),
    docebo: {maxPageBytes: 500_000},
  },
  {
    fault: 'no page facts',
    bend: {kind: 'no-facts'},
    at: ['every page', 'every child'],
    expected: {...recovered, moreCalls: 8},
  },
  ...['has_more_data', 'total_count', 'total_page_count', 'current_page', 'current_page_size', 'count'].map(
    (name): Row => ({
      fault: `no ${name}`,
      bend: {kind: 'no-facts', names: [name]},
      at: ['every page', 'every child'],
      expected: {...recovered, moreCalls: 0},
    }),
  ),
  {fault: 'an empty page', bend: {kind: 'empty-page'}, at: paged, expected: kept(7, /0 of \d+ records came/)},
  {
    fault: 'more promised',
    bend: {kind: 'facts', facts: {has_more_data: true}},
    at: ['every page', 'every child'],
    expected: kept(7, /empty pages in a row promise more/, {moreCalls: 12}),
  },
  {
    fault: 'a count that moves',
    bend: {kind: 'moving-total', by: 1},
    at: ['every page', 'every child'],
    // Read again at once, and at the end.
    expected: kept(7, /do not fit together/, {moreCalls: 42}),
  },
  // It sends more than it counts: what comes is believed.
  ...[-50, -7].map(
    (by): Row => ({
      fault: `${by} counted`,
      bend: {kind: 'wrong-total', by},
      at: ['every page', 'every child'],
      expected: {...recovered, moreCalls: 8},
    }),
  ),
  ...[7, 50].map(
    (by): Row => ({
      fault: `${by} counted`,
      bend: {kind: 'wrong-total', by},
      at: ['every page', 'every child'],
      expected: kept(7, /do not fit together/, {moreCalls: 40}),
    }),
  ),
  {
    fault: 'no count, and an end that the page count denies',
    bend: {kind: 'facts', facts: {total_count: null, has_more_data: false}},
    at: ['every page', 'every child'],
    expected: {...recovered, moreCalls: 0},
  },
  {
    fault: 'wrong page count',
    bend: {kind: 'facts', facts: {total_page_count: 2}},
    at: ['every page'],
    expected: {...recovered, moreCalls: 0},
  },
  {
    fault: 'pages counted that never come',
    bend: {kind: 'facts', facts: {total_page_count: 9}},
    at: ['every page', 'every child'],
    expected: kept(7, /none of its records came/, {moreCalls: 60}),
  },
  {
    fault: 'records twice',
    bend: {kind: 'duplicates', count: 3},
    at: paged,
    expected: kept(7, /do not fit together|repeat the key|were met at two places/, {moreCalls: 40, names: false}),
  },
  {
    fault: 'records twice, others gone',
    bend: {kind: 'duplicates', count: 2, instead: true},
    at: anywhere,
    expected: kept(7, /repeat the key|were met at two places/, {moreCalls: 60, names: false}),
  },
  {
    fault: 'records twice',
    bend: {kind: 'duplicates', count: 3},
    at: ['single child'],
    expected: kept(7, /3 rows were met at two places/, {moreCalls: 60, names: false}),
  },
  {
    fault: 'the page before again',
    bend: {kind: 'repeated-page'},
    at: ['middle page', 'last page', 'first child, page 2', 'first child, last page'],
    expected: kept(7, /do not fit together/, {moreCalls: 12}),
  },
  {
    fault: 'a shift',
    bend: {kind: 'shift', by: 3},
    at: [...bulk, 'first child', 'first child, page 2'],
    // It doubts the page that was read in the earlier state, which may be the neighbour: at once, and at the end.
    expected: kept(7, /do not fit together/, {moreCalls: 24, names: false}),
  },
  {
    fault: 'records under another key',
    bend: {kind: 'records-under', key: 'entries'},
    at: some,
    expected: kept(5, /no records at data\.items.*data\.entries/, {moreCalls: 1}),
  },
  {
    fault: 'a bare list as the body',
    bend: {kind: 'bare-list', as: 'body'},
    at: anywhere,
    expected: kept(5, /no records at data\.items.*The reply holds a list/, {moreCalls: 1}),
  },
  {
    fault: 'a bare list as data',
    bend: {kind: 'bare-list', as: 'data'},
    at: ['every page', 'every child', 'single child'],
    expected: {...recovered, moreCalls: 12},
  },
  {
    fault: 'a null key',
    bend: {kind: 'null-value', key: 'user_id'},
    at: [...bulk, 'every page'],
    expected: kept(7, /user_id is null in \d+ rows?/, {names: false}),
  },
  {
    fault: 'a null key',
    bend: {kind: 'null-value', key: 'id_org'},
    at: ['single child'],
    expected: kept(7, /id_org is null in 1 row/, {names: false}),
  },
  {
    fault: 'deep JSON',
    bend: {kind: 'deep', levels: 50_000},
    at: ['middle page', 'single child'],
    expected: recovered,
  },
];

export const forEver = expand(rows, Number.POSITIVE_INFINITY);
