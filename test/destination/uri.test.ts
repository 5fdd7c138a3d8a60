import {homedir} from 'node:os';
import {describe, expect, test} from 'vitest';
import {formatDestinationUri, parseDestinationUri} from '../../src/destination-uri.js';
import {UsageError} from '../../src/errors.js';

describe('a destination URI', () => {
  test.each([
    ['duckdb:///file.duckdb', 'duckdb', '/here/file.duckdb'],
    ['duckdb:////file.duckdb', 'duckdb', '/file.duckdb'],
    ['duckdb:///tmp/file.duckdb', 'duckdb', '/tmp/file.duckdb'],
    ['duckdb:///./file.duckdb', 'duckdb', '/here/file.duckdb'],
    ['duckdb:///../file.duckdb', 'duckdb', '/file.duckdb'],
    ['duckdb://folder/file.duckdb', 'duckdb', '/here/folder/file.duckdb'],
    ['duckdb://./file.duckdb', 'duckdb', '/here/file.duckdb'],
    ['duckdb:///my%20file%3F.duckdb', 'duckdb', '/here/my file?.duckdb'],
    ['DuckDB:///file.duckdb', 'duckdb', '/here/file.duckdb'],
    ['duckdb:///:memory:', 'duckdb', ':memory:'],
    ['jsonl:///out', 'jsonl', '/here/out'],
    ['jsonl:///var/out/', 'jsonl', '/var/out'],
    ['jsonl://./out', 'jsonl', '/here/out'],
    ['jsonl://~/out', 'jsonl', `${homedir()}/out`],
    ['parquet://lake', 'parquet', '/here/lake'],
    ['parquet:////lake', 'parquet', '/lake'],
    ['CSV:///var/out', 'csv', '/var/out'],
    ['duckdb:///~/file.duckdb', 'duckdb', `${homedir()}/file.duckdb`],
    ['duckdb:////~/file.duckdb', 'duckdb', '/~/file.duckdb'],
    ['duckdb:///~file.duckdb', 'duckdb', '/here/~file.duckdb'],
  ])('%s is %s at %s', (uri, scheme, path) => {
    expect(parseDestinationUri(uri, '/here')).toEqual({scheme, path});
  });

  test.each([
    '/tmp/file.duckdb',
    '/file.duckdb',
    '/%41.duckdb',
    '/tmp/%2541.duckdb',
    '/tmp/a?b#c d.duckdb',
    '/tmp/a\nb\u0007.duckdb',
    '/../tmp/file.duckdb',
    '/./file.duckdb',
    '/:memory:',
    '/~/file.duckdb',
    '/~bob/file.duckdb',
    ':memory:',
  ])('of %j is read as the same again, from any folder', path => {
    for (const cwd of ['/', '/here']) {
      expect(parseDestinationUri(formatDestinationUri({scheme: 'duckdb', path}), cwd)).toEqual({
        scheme: 'duckdb',
        path,
      });
    }
  });

  test.each([
    'file.duckdb',
    'mysql://host/db',
    'xlsx://out',
    'parquet://',
    'csv:///a?x=1',
    'duckdb://',
    'duckdb:///',
    'duckdb:///a?x=1',
    'duckdb:///%zz',
    'jsonl://~bob/out',
    '',
  ])('%j is refused with what is supported', uri => {
    expect(() => parseDestinationUri(uri, '/here')).toThrow(UsageError);
  });

  test('of an unknown scheme is refused with those that are known', () => {
    const hint = expect.stringMatching(/duckdb:\/\/.* jsonl:\/\/, csv:\/\/ and parquet:\/\/ with a folder/);
    expect(() => parseDestinationUri('mysql://host/db')).toThrow(
      expect.objectContaining({message: 'There is no destination "mysql"', hint}),
    );
  });

  test.each([
    ['duckdb:///C:/data/file.duckdb', 'C:\\data\\file.duckdb'],
    ['duckdb://c:\\data\\file.duckdb', 'c:\\data\\file.duckdb'],
    ['jsonl:///D:/out/../data%20of%20mine', 'D:\\data of mine'],
  ])('%s is the drive it names on Windows, and written back', (uri, path) => {
    const address = parseDestinationUri(uri, 'C:\\here', 'win32');
    expect(address.path).toBe(path);
    expect(parseDestinationUri(formatDestinationUri(address), 'D:\\there', 'win32')).toEqual(address);
  });
});
