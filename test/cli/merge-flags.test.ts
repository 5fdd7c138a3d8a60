import {describe, expect, test} from 'vitest';
import {defaultMerge} from '../../src/choices.js';
import {readMerge} from '../../src/cli/options/choices.js';
import {readArguments} from '../../src/cli/options/read-arguments.js';
import {runCli} from './run-cli.js';

const none = {lookback: undefined, maxAge: undefined, audit: undefined, fullRefresh: false};

describe('the flags of a merge', () => {
  test('have defaults, and 0 is none of them', () => {
    expect(readMerge({...none, incrementalStrategy: 'merge'})).toEqual({merge: defaultMerge, fullRefresh: false});
    expect(readMerge({...none, incrementalStrategy: 'merge', audit: 0, maxAge: 0, fullRefresh: true})).toEqual({
      merge: {...defaultMerge, auditPages: 0, maxAgeMs: 0},
      fullRefresh: true,
    });
  });

  test('are refused by name where tables are replaced, but a full refresh is what happens then anyway', () => {
    expect(readMerge({...none, incrementalStrategy: 'replace', fullRefresh: true})).toEqual({fullRefresh: true});
    expect(() => readMerge({...none, incrementalStrategy: 'replace', lookback: 1, audit: 0})).toThrow(
      '--lookback, --audit would change nothing: tables are replaced, not merged.',
    );
  });

  test('name a strategy of ours', () => {
    for (const strategy of ['append', 'delete+insert'])
      expect(() => readArguments(['ingest', '--incremental-strategy', strategy])).toThrow(
        `--incremental-strategy takes replace or merge, not "${strategy}".`,
      );
  });

  test.each([
    [['--max-age', '3d'], 'Add --incremental-strategy merge.'],
    [['--incremental-strategy', 'merge', '--lookback', '0'], '--lookback takes a time such as'],
    [['--incremental-strategy', 'merge', '--max-age=-1d'], '--max-age takes a time such as'],
    [['--incremental-strategy', 'merge', '--audit', '1001'], '--audit takes a whole number from 0 to 1000'],
    [['--interval-start', '2026-01-01'], 'a window of changes would prove nothing about the rest of the table'],
  ])('end the command with 2 before it asks for anything: %j', async (flags, said) => {
    const uri = 'docebo://?base_url=http://127.0.0.1:1&client_id=x&client_secret=y';
    const to = ['--source-uri', uri, '--source-table', 'users', '--dest-uri', 'duckdb:///x.duckdb'];
    expect(await runCli(['ingest', ...to, ...flags])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining(said),
    });
  });
});
