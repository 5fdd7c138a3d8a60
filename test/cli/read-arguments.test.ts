import {describe, expect, it, test} from 'vitest';
import {readEnvironment} from '../../src/cli/options/environment.js';
import {readArguments} from '../../src/cli/options/read-arguments.js';
import {UsageError} from '../../src/errors.js';

const words = (...argv: string[]) => readArguments(argv).words;
const refusal = (...argv: string[]) => {
  try {
    words(...argv);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
  }
  return undefined;
};

describe('a switch', () => {
  it.each(['true', '1', 'yes', 'on', 'YES', 'True'])('is on by %s', word => {
    expect(words('ingest', `--dry-run=${word}`)).toEqual(['ingest', '--dry-run']);
    expect(words('ingest', '--dry-run', word)).toEqual(['ingest', '--dry-run']);
    expect(readEnvironment({DOCEBO_INGEST_DRY_RUN: word}, 'ingest')).toEqual({'dry-run': true});
    expect(readEnvironment({DOCEBO_INGEST_NO_LOAD_METADATA: word}, 'ingest')).toEqual({'load-metadata': false});
  });

  it.each(['false', '0', 'no', 'off', 'Off'])('is off by %s', word => {
    expect(words('ingest', `--dry-run=${word}`)).toEqual(['ingest', '--no-dry-run']);
    expect(words('ingest', '--dry-run', word)).toEqual(['ingest', '--no-dry-run']);
    expect(readEnvironment({DOCEBO_INGEST_DRY_RUN: word}, 'ingest')).toEqual({'dry-run': false});
  });

  it('is on by itself, off by its opposite', () => {
    expect(words('ingest', '--dry-run', '--json')).toEqual(['ingest', '--dry-run', '--json']);
    expect(words('ingest', '--no-load-metadata')).toEqual(['ingest', '--no-load-metadata']);
    expect(words('ingest', '--no-load-metadata=false')).toEqual(['ingest', '--load-metadata']);
  });

  it.each(['maybe', '', '2'])('is neither by %j, and the refusal names it', word => {
    expect(refusal('ingest', `--dry-run=${word}`)).toMatch(/^--dry-run takes true or false /);
  });

  it('that is nothing of these in the environment is refused by the name of the variable', () => {
    expect(() => readEnvironment({DOCEBO_INGEST_DRY_RUN: 'ja'}, 'ingest')).toThrow(
      'DOCEBO_INGEST_DRY_RUN takes true or false',
    );
  });
});

describe('a value', () => {
  it('that is empty or missing is refused, whatever the flag', () => {
    for (const flag of ['--keep-runs', '--state-dir', '--dest-table', '--source-table', '--resume', '--deadline']) {
      expect(refusal('ingest', flag, '')).toBe(`${flag} was given nothing.`);
      expect(refusal('ingest', `${flag}=`)).toBe(`${flag} was given nothing.`);
    }
    expect(refusal('ingest', '--keep-runs')).toBe('--keep-runs was given nothing.');
    expect(refusal('ingest', '--dest-table', '--json')).toBe('--dest-table was given nothing.');
  });

  it('that is empty in the environment is as good as not set', () => {
    expect(readEnvironment({DOCEBO_INGEST_KEEP_RUNS: '', DOCEBO_INGEST_DRY_RUN: ''}, 'ingest')).toEqual({});
  });

  it('follows its flag or is joined to it, dashes included', () => {
    expect(words('ingest', '--dest-uri', '-', '--page-size=5')).toEqual(['ingest', '--dest-uri=-', '--page-size=5']);
    expect(words('ingest', '--pageSize', '5')).toEqual(['ingest', '--page-size=5']);
  });

  it('of --resume may be left out', () => {
    expect(words('ingest', '--resume', '--json')).toEqual(['ingest', '--resume', '--json']);
    expect(words('ingest', '--resume', '01')).toEqual(['ingest', '--resume=01']);
  });

  it('of a choice is one of it', () => {
    expect(refusal('ingest', '--publish', 'all')).toBe('--publish takes per-table or all-or-nothing, not "all".');
  });

  it('given twice is refused, but for names and for a switch set to the same', () => {
    expect(refusal('demo', '--seed', '1', '--seed', '1')).toBe('--seed was given more than once.');
    expect(refusal('ingest', '--json', '--no-json')).toBe('--json was given more than once.');
    expect(words('ingest', '--json', '--json')).toEqual(['ingest', '--json', '--json']);
    expect(words('ingest', '--source-table=a', '--source-table', 'b')).toEqual([
      'ingest',
      '--source-table=a',
      '--source-table=b',
    ]);
  });
});

describe('what is not known', () => {
  test.each([
    [['ingest', '--page-siz', '5'], 'Unknown flag: --page-siz. Did you mean --page-size?'],
    [['--page-siz', '5'], 'Unknown flag: --page-siz. Did you mean --page-size?'],
    [['tables', '--quite'], 'Unknown flag: --quite. Did you mean --quiet?'],
    [['tables', '--xyzzy'], 'Unknown flag: --xyzzy.'],
    [['tables', '-x'], 'Unknown flag: -x.'],
    [['tables', '--page-size', '5'], 'tables has no flag --page-size.'],
    [['injest'], 'Unknown command: injest. Did you mean ingest?'],
    [['publish'], 'Unknown command: publish.'],
    [['tables', 'users'], 'Unknown argument: users.'],
    [['schema', 'users', 'groups'], 'Unknown argument: groups.'],
    [['schema'], 'schema needs the name of a table.'],
    [['schema', ''], 'schema needs the name of a table.'],
    [['load'], 'load needs the name of a run.'],
    [[], 'Say what to do: docebo-ingest <command>.'],
  ])('%j is refused as what it is', (argv, message) => {
    expect(refusal(...argv)).toBe(message);
  });

  it('in the environment is refused if it is nearly a flag, and left alone otherwise', () => {
    expect(() => readEnvironment({DOCEBO_INGEST_DRYRUN: '1'}, 'ingest')).toThrow(
      'DOCEBO_INGEST_DRYRUN belongs to no flag. Did you mean DOCEBO_INGEST_DRY_RUN?',
    );
    expect(readEnvironment({DOCEBO_INGEST_WEBHOOK: 'x', DOCEBO_INGEST_PAGE_SIZE: '9'}, 'tables')).toEqual({});
  });
});

describe('help and the version', () => {
  test.each([
    [['-h'], ['--help']],
    [['help'], ['--help']],
    [
      ['help', 'ingest'],
      ['ingest', '--help'],
    ],
    [
      ['ingest', '-h', '--json'],
      ['ingest', '--help'],
    ],
    [['-v'], ['--version']],
    [['-V'], ['--version']],
    [
      ['ingest', '--version'],
      ['ingest', '--version'],
    ],
  ])('%j is %j', (argv, expected) => {
    expect(words(...argv)).toEqual(expected);
  });
});

it('help of an unknown command names it', () => {
  expect(refusal('help', 'injest')).toBe('Unknown command: injest. Did you mean ingest?');
});

it('--quiet is understood by every command', () => {
  expect(words('tables', '--quiet')).toEqual(['tables', '--quiet']);
});
