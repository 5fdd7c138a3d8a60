import {beforeEach, describe, expect, test, vi} from 'vitest';
import {formatDestinationUri, parseDestinationUri} from '../../../src/destination-uri.js';
import {UsageError} from '../../../src/errors.js';
import {formatPostgresPlace, parsePostgresUri} from '../../../src/postgres-uri.js';

const none = {sslmode: null, sslrootcert: null};
const local = {host: 'localhost', port: 5432, user: 'ada', database: 'lms', ...none};

describe('a URI of Postgres', () => {
  beforeEach(() => {
    for (const name of ['PGHOST', 'PGPORT', 'PGUSER', 'PGDATABASE', 'PGSSLMODE', 'PGSSLROOTCERT']) vi.stubEnv(name, '');
    return () => void vi.unstubAllEnvs();
  });

  test.each([
    ['postgres://ada@localhost/lms', {}, local, null],
    [
      'postgresql://ada:secret@db.example.com:6432/lms?sslmode=verify-full',
      {},
      {...local, host: 'db.example.com', port: 6432, sslmode: 'verify-full'},
      'secret',
    ],
    ['POSTGRES://ada:s%40%2F%25c@localhost/my%20lms', {}, {...local, database: 'my lms'}, 's@/%c'],
    ['postgres://ada:s@e:c#ret@localhost/lms', {}, local, 's@e:c#ret'],
    ['postgres://ada@[::1]:5433/lms', {}, {...local, host: '::1', port: 5433}, null],
    ['postgres://ada@%2Frun%2Fpostgresql/lms', {}, {...local, host: '/run/postgresql'}, null],
    ['postgres://ada@/lms?host=/run/postgresql', {}, {...local, host: '/run/postgresql'}, null],
    [
      'postgres://',
      {PGHOST: 'db', PGPORT: '1', PGUSER: 'bob', PGDATABASE: 'x', PGSSLMODE: 'disable', PGSSLROOTCERT: '/ca.pem'},
      {host: 'db', port: 1, user: 'bob', database: 'x', sslmode: 'disable', sslrootcert: '/ca.pem'},
      null,
    ],
    ['postgres://ada@localhost:5432/lms', {PGHOST: 'db', PGPORT: '1', PGUSER: 'bob', PGDATABASE: 'x'}, local, null],
  ])('%s is read as libpq does (%j)', (uri, env, place, password) => {
    const parsed = parsePostgresUri(uri, env);
    expect(parsed.place).toEqual(place);
    expect(parsed.password?.reveal() ?? null).toBe(password);
    const written = formatPostgresPlace(parsed.place);
    expect(parsePostgresUri(`postgres://${written}`, {PGHOST: 'other', PGUSER: 'other'})).toEqual({
      place,
      password: null,
    });
  });

  test('is recorded without its password', () => {
    const address = parseDestinationUri('postgres://ada:s3cret-word@db.example.com/lms?sslmode=require');
    expect(address).toEqual({scheme: 'postgres', path: 'ada@db.example.com:5432/lms?sslmode=require'});
    expect(parseDestinationUri(formatDestinationUri(address))).toEqual(address);
  });

  test.each([
    ['postgres://ada:tell-n0body@localhost', /names no database/],
    ['postgres://ada:tell-n0body@localhost/?sslmode=disable', /names no database/],
    ['postgres://ada:tell-n0body@localhost:port/lms', /port of the destination is not a number/],
    ['postgres://ada:tell-n0body@localhost:99999/lms', /port of the destination is not a number/],
    ['postgres://ada:tell/n0body@localhost/lms', /port of the destination is not a number/],
    ['postgres://ada:tell?n0body@localhost/lms', /has an option that is not known/],
    ['postgres://ada:tell-n0body%zz@localhost/lms', /password of the destination holds a %/],
    ['postgres://ada@localhost/lms?password=tell-n0body', /has its password after "\?"/],
    ['postgres://ada@localhost/lms?tell-n0body', /has an option that is not known/],
    ['postgres://ada@localhost/lms?sslmode=prefer', /may leave the connection without TLS/],
    ['postgres://ada@localhost/lms?sslmode=tell-n0body', /sslmode is not one that is known/],
    ['postgres://ada:tell-n0body@one,two/lms', /several hosts/],
    ['postgres:/ada:tell-n0body@localhost/lms', /is not a URI/],
    ['postgres//ada:tell-n0body@localhost/lms', /is not a URI/],
    ['mysql://ada:tell-n0body@localhost/lms', /no destination "mysql"/],
  ])('%s is refused, and its password is not repeated', (uri, message) => {
    const parse = () => parseDestinationUri(uri);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/n0body/);
  });
});
