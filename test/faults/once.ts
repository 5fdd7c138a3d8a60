import {anywhere, bulk, expand, paged, type Row, recovered, some} from './rows.js';

/** What goes wrong with one reply and not with the next. */
const rows: readonly Row[] = [
  // 408, 502 and 504 are judged as 500 is: source/client.test.ts.
  {fault: '401', bend: {kind: 'status', status: 401}, at: some, expected: recovered},
  {fault: '425', bend: {kind: 'status', status: 425}, at: ['middle page'], expected: recovered},
  {fault: '429', bend: {kind: 'status', status: 429}, at: some, expected: recovered},
  {
    fault: '429, retry after seconds',
    bend: {kind: 'status', status: 429, retryAfter: 1800},
    at: some,
    // After half an hour the page before is read once more.
    expected: {...recovered, moreCalls: 2},
  },
  {
    fault: '429, retry after a date',
    bend: {kind: 'status', status: 429, retryAfter: new Date(Date.now() + 1_800_000).toUTCString()},
    at: some,
    // After half an hour the page before is read once more.
    expected: {...recovered, moreCalls: 2},
  },
  {
    fault: '429, retry after a date gone by',
    bend: {kind: 'status', status: 429, retryAfter: new Date(0).toUTCString()},
    at: some,
    expected: recovered,
  },
  {
    fault: '429, retry after nonsense',
    bend: {kind: 'status', status: 429, retryAfter: 'soon'},
    at: ['middle page'],
    expected: recovered,
  },
  {fault: '500', bend: {kind: 'status', status: 500}, at: anywhere, expected: recovered},
  {fault: '503', bend: {kind: 'status', status: 503}, at: some, expected: recovered},
  {fault: '503, retry after', bend: {kind: 'status', status: 503, retryAfter: 120}, at: some, expected: recovered},
  {fault: 'HTML with 200', bend: {kind: 'html'}, at: some, expected: recovered},
  {fault: 'an error with 200', bend: {kind: 'error-body'}, at: some, expected: recovered},
  {fault: 'a failure with 200', bend: {kind: 'failure-body'}, at: some, expected: recovered},
  {fault: 'cut JSON', bend: {kind: 'cut'}, at: some, expected: recovered},
  {fault: 'a reset', bend: {kind: 'reset'}, at: some, expected: recovered},
  {fault: 'a reset in the body', bend: {kind: 'truncated'}, at: some, expected: recovered},
  {fault: 'a longer Content-Length', bend: {kind: 'wrong-length', by: 100}, at: some, expected: recovered},
  {fault: 'a shorter Content-Length', bend: {kind: 'wrong-length', by: -100}, at: some, expected: recovered},
  {fault: 'garbled gzip', bend: {kind: 'garbage-gzip'}, at: some, expected: recovered},
  {fault: 'a slow reply', bend: {kind: 'slow', delayMs: 100}, at: some, expected: {...recovered, moreCalls: 0}},
  {
    fault: 'no reply',
    bend: {kind: 'hang'},
    at: ['middle page', 'later child'],
    expected: recovered,
    docebo: {headersTimeoutMs: 400},
  },
  {
    fault: 'half a reply',
    bend: {kind: 'stall'},
    at: ['middle page', 'later child'],
    expected: recovered,
    docebo: {bodyTimeoutMs: 400},
  },
  {
    fault: 'a reply in drips',
    bend: {kind: 'drip', intervalMs: 10},
    at: ['middle page', 'first child, page 2', 'single child'],
    expected: recovered,
    docebo: {pageTimeoutMs: 500},
  },
  {
    fault: 'a huge reply',
    bend: {kind: 'huge', megabytes: 1},
    at: ['middle page', 'single child'],
    expected: recovered,
    docebo: {maxPageBytes: 500_000},
  },
  {fault: 'no page facts', bend: {kind: 'no-facts'}, at: paged, expected: {...recovered, moreCalls: 3}},
  {fault: 'an empty page', bend: {kind: 'empty-page'}, at: paged, expected: {...recovered, moreCalls: 8}},
  {fault: 'too few counted', bend: {kind: 'wrong-total', by: -7}, at: paged, expected: {...recovered, moreCalls: 18}},
  {fault: 'too many counted', bend: {kind: 'wrong-total', by: 7}, at: paged, expected: {...recovered, moreCalls: 18}},
  {
    fault: 'far too few counted',
    bend: {kind: 'wrong-total', by: -50},
    at: paged,
    expected: {...recovered, moreCalls: 12},
  },
  {
    fault: 'far too many counted',
    bend: {kind: 'wrong-total', by: 50},
    at: paged,
    expected: {...recovered, moreCalls: 12},
  },
  {
    fault: 'records twice',
    bend: {kind: 'duplicates', count: 3},
    at: anywhere,
    expected: {...recovered, moreCalls: 20},
  },
  {
    fault: 'records twice, others gone',
    bend: {kind: 'duplicates', count: 2, instead: true},
    at: anywhere,
    expected: {...recovered, moreCalls: 20},
  },
  {
    fault: 'the page before again',
    bend: {kind: 'repeated-page'},
    at: ['middle page', 'last page', 'first child, page 2', 'first child, last page'],
    expected: {...recovered, moreCalls: 12},
  },
  {
    fault: 'a shift',
    bend: {kind: 'shift', by: 3},
    at: [...bulk, 'first child', 'first child, page 2', 'first child, last page'],
    expected: {...recovered, moreCalls: 12},
  },
  {fault: 'a shift by a page', bend: {kind: 'shift', by: 24}, at: bulk, expected: {...recovered, moreCalls: 12}},
];

export const once = expand(rows, 1);
