import {describe, expect, it, test} from 'vitest';
import {ingestrFlags} from '../../src/cli/options/ingestr.js';
import {everyFlag} from '../../src/cli/options/known-flags.js';
import {readArguments} from '../../src/cli/options/read-arguments.js';
import {runCli} from './run-cli.js';

/** Every flag of `ingestr ingest`, as its command declares them. */
const all = [
  'source-uri dest-uri source-table dest-table incremental-key incremental-predicate incremental-strategy',
  'interval-start interval-end primary-key partition-by cluster-by yes full-refresh schema-contract schema-naming',
  'progress page-size loader-file-size loader-file-format extract-parallelism extract-partition-by',
  'extract-partition-interval disable-prestaging sql-limit sql-exclude-columns sql-backend columns no-inference mask',
  'trim-whitespace no-load-timestamp pipelines-dir staging-bucket staging-dataset debug stream flush-interval',
  'flush-records metrics-addr query-annotations',
]
  .join(' ')
  .split(' ');

const flags = Object.entries(ingestrFlags);

describe('the flags of ingestr', () => {
  it('are all ours, accepted or refused with a reason', () => {
    expect(all.filter(flag => !(flag in everyFlag) && !(flag in ingestrFlags))).toEqual([]);
    expect(Object.keys(ingestrFlags).filter(flag => flag in everyFlag)).toEqual([]);
  });

  test.each(flags.filter(([, {accepts}]) => accepts === true))('--%s is accepted', (flag, {becomes}) => {
    const expected = becomes === undefined ? [] : [`--${becomes}`];
    expect(readArguments(['ingest', `--${flag}`, '--json']).words).toEqual(['ingest', ...expected, '--json']);
  });

  test.each(flags.flatMap(([flag, {accepts}]) => (Array.isArray(accepts) ? accepts.map(value => [flag, value]) : [])))(
    '--%s %s is accepted',
    (flag = '', value = '') => {
      expect(readArguments(['ingest', `--${flag}`, value, '--json']).words).toEqual(['ingest', '--json']);
    },
  );

  test.each(flags.filter(([, {accepts}]) => accepts !== true))(
    '--%s is refused in one sentence',
    (flag, {says, takesValue}) => {
      const argv = ['ingest', `--${flag}`, ...(takesValue ? ['something'] : [])];
      expect(() => readArguments(argv)).toThrow(`--${flag} is a flag of ingestr that does not apply here: ${says}.`);
    },
  );

  it('are known to ingest only, and -y is short for --yes', () => {
    expect(readArguments(['ingest', '-y']).words).toEqual(['ingest']);
    expect(() => readArguments(['tables', '--yes'])).toThrow('Unknown flag: --yes.');
  });

  it('are hidden from help', async () => {
    const {stdout} = await runCli(['ingest', '--help']);
    for (const [flag] of flags) expect(stdout).not.toMatch(new RegExp(`^ +--${flag}\\b`, 'm'));
  });

  it('that do not apply end the command with 2', async () => {
    expect(await runCli(['ingest', '--sql-limit', '5'])).toMatchObject({exitCode: 2, stdout: ''});
  });
});
