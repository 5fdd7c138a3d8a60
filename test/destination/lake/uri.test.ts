import {beforeEach, describe, expect, test, vi} from 'vitest';
import {looksLikeSource, readFlag} from '../../../src/cli/options/read-flag.js';
import {formatDestinationUri, parseDestinationUri} from '../../../src/destination-uri.js';
import {UsageError} from '../../../src/errors.js';
import {parseLakeUri} from '../../../src/lake-uri.js';
import {redact} from '../../../src/secret.js';

const server = {host: 'db', port: 5432, user: 'ada', database: 'lake', sslmode: null, sslrootcert: null};
const lake = (catalog: string | typeof server, dataPath: string | null = null) => ({
  scheme: 'ducklake',
  catalog,
  dataPath,
});

describe('a URI of DuckLake or MotherDuck', () => {
  beforeEach(() => {
    for (const name of ['PGHOST', 'PGPORT', 'PGUSER', 'PGDATABASE', 'PGSSLMODE', 'PGSSLROOTCERT']) vi.stubEnv(name, '');
    return () => void vi.unstubAllEnvs();
  });

  test.each([
    ['ducklake:lms.ducklake', lake('/home/ada/lms.ducklake'), null],
    ['ducklake:/srv/lms.ducklake', lake('/srv/lms.ducklake'), null],
    ['ducklake:///lms.ducklake', lake('/home/ada/lms.ducklake'), null],
    ['ducklake:////srv/lms.ducklake', lake('/srv/lms.ducklake'), null],
    ['DuckLake:a%3Fb%25.ducklake?data_path=my%20rows', lake('/home/ada/a?b%.ducklake', '/home/ada/my rows/'), null],
    ['ducklake:x?data_path=s3://bucket/lms', lake('/home/ada/x', 's3://bucket/lms/'), null],
    ['ducklake:x?data_path=/a%26b%3D%25%3F', lake('/home/ada/x', '/a&b=%?/'), null],
    ['ducklake:postgres:dbname=lake host=db user=ada', lake(server), null],
    [
      String.raw`ducklake:postgres:dbname=lake host=db user=ada password='p? \'w\\d' port = 5432?data_path=/srv/rows`,
      lake(server, '/srv/rows/'),
      String.raw`p? 'w\d`,
    ],
    [
      'ducklake:postgres://ada:s%3Fcret@db/lake?sslmode=require&data_path=gs://b/',
      lake({...server, sslmode: 'require'} as never, 'gs://b/'),
      's?cret',
    ],
    ['ducklake:postgres:postgresql://ada@db/lake', lake(server), null],
    ['md:analytics', {scheme: 'md', database: 'analytics'}, null],
    ['md:my%20db?motherduck_token=tok.en-123', {scheme: 'md', database: 'my db'}, 'tok.en-123'],
  ])('%s is read', (uri, place, password) => {
    const parsed = parseLakeUri(uri, '/home/ada', {});
    expect(parsed.place).toEqual(place);
    expect(parsed.password?.reveal() ?? null).toBe(password);
    const address = parseDestinationUri(uri, '/home/ada');
    expect(JSON.stringify(address)).not.toContain('cret');
    expect(parseLakeUri(formatDestinationUri(address), '/elsewhere', {})).toEqual({place, password: null});
  });

  test.each([
    ['ducklake:', /no file for the catalog/],
    ['ducklake:?data_path=x', /no file for the catalog/],
    ['ducklake::memory:', /no file for the catalog/],
    ['ducklake:x?data_pth=y', /option "data_pth" that is not known/],
    ['ducklake:x%zz', /holds a % that encodes nothing/],
    ['ducklake:sqlite:x.db', /in sqlite cannot be written/],
    ['ducklake:postgres:host=db password=hunter22', /names no database/],
    ['ducklake:postgres:dbname=x password=hunter22?hunter=hunter22', /has an option that is not known/],
    ['ducklake:postgres:dbname=x hunter22', /not one that libpq would understand/],
    ['ducklake:postgres:dbname=x hunter=hunter22', /a word that is not known/],
    ['ducklake:postgres://ada:hunter22@db?data_path=x', /names no database/],
    ['md:', /names no database of MotherDuck/],
    ['md:?motherduck_token=hunter22', /names no database of MotherDuck/],
    ['md:x?token=hunter22', /has an option that is not known/],
  ])('%s is refused, without a secret', (uri, message) => {
    const read = () => parseDestinationUri(uri, '/home/ada');
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/hunter22/);
  });

  test.each([
    "ducklake:postgres:dbname=x password='blue horse'",
    'ducklake:postgres:dbname=x password=blue-horse-1?data_path=y',
    'ducklake:postgres://ada:blue-horse-2@db/x',
    'md:x?motherduck_token=blue-horse-3',
  ])('%s has its secret hidden wherever it is shown, and is no source', uri => {
    expect(looksLikeSource(uri)).toBe(false);
    expect(looksLikeSource(`--dest-uri=${uri}`)).toBe(false);
    expect(readFlag('--dest-uri', {type: 'string'}, uri)).toBe(uri);
    expect(redact(`Cannot read ${uri}`)).not.toMatch(/blue.horse/);
  });
});
