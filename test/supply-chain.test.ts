import {readdirSync, readFileSync} from 'node:fs';
import {expect, test} from 'vitest';

const root = new URL('..', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

test('no dependency runs a script when it is installed', () => {
  const {packages}: {packages: Record<string, {hasInstallScript?: boolean}>} = JSON.parse(read('package-lock.json'));
  const names = Object.keys(packages).filter(name => name !== '' && packages[name]?.hasInstallScript);
  expect(Object.keys(packages).length).toBeGreaterThan(50);
  expect(names).toEqual([]);
});

test('TLS certificates are verified: nothing in the sources says otherwise', () => {
  const sources = readdirSync(new URL('src', root), {recursive: true, encoding: 'utf8'}).filter(name =>
    /\.ts$/.test(name),
  );
  expect(sources.length).toBeGreaterThan(100);
  const lax = sources.filter(name =>
    /rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED|checkServerIdentity/.test(read(`src/${name}`)),
  );
  expect(lax).toEqual([]);
});
