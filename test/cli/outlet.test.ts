import {expect, test} from 'vitest';
import {readOutlet} from '../../src/cli/options/outlet.js';

test.each<[string[], Record<string, string>, Partial<ReturnType<typeof readOutlet>>]>([
  [['tables'], {}, {json: false, events: false, debug: false}],
  [['tables', '--json'], {}, {json: true}],
  [['tables', '--json=yes'], {}, {json: true}],
  [['tables', '--json', '--no-json'], {}, {json: false}],
  [['tables'], {DOCEBO_INGEST_JSON: 'on'}, {json: true}],
  [['tables', '--json=false'], {DOCEBO_INGEST_JSON: '1'}, {json: false}],
  [['check'], {DOCEBO_INGEST_DEBUG: '1'}, {debug: true}],
  [['ingest', '--progress', 'json'], {}, {events: true}],
  [['ingest', '--progress=json'], {}, {events: true}],
  [['ingest', '--progress=log'], {DOCEBO_INGEST_PROGRESS: 'json'}, {events: false}],
  [['ingest'], {DOCEBO_INGEST_PROGRESS: 'json'}, {events: true}],
  [['tables'], {DOCEBO_INGEST_PROGRESS: 'json'}, {events: false}],
])('%j with %j is told as %j', (argv, env, expected) => {
  expect(readOutlet(argv, env)).toMatchObject(expected);
});
