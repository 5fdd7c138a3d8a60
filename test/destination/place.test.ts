import {chmod, chown, mkdir, readdir, readFile, rename, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openDestination} from '../../src/destination/open.js';
import {putInPlace} from '../../src/destination/place.js';
import {DestinationError} from '../../src/errors.js';
import {makeFolder, makeLoad, publishOptions} from '../engine/spool.js';
import {fileUris, readRowsOf} from './rows-of-files.js';

describe('files that are put in place together', () => {
  async function makeFiles(folder: string, names: readonly string[]) {
    for (const name of names) {
      await writeFile(join(folder, name), 'earlier');
      await writeFile(join(folder, `${name}.tmp`), 'new');
    }
    return names.map(name => ({from: join(folder, `${name}.tmp`), to: join(folder, name)}));
  }

  test('say which are new where one cannot be', async () => {
    const folder = await makeFolder();
    const files = await makeFiles(folder, ['a', 'b', 'c']);
    const {isNew, error} = await putInPlace(files, async (from, to) => {
      if (String(to).endsWith('b')) throw new Error('EPERM: operation not permitted');
      await rename(from, to);
    });
    expect(error).toBeInstanceOf(DestinationError);
    expect(error?.message).toBe('b could not be put in place: EPERM: operation not permitted');
    expect(error?.hint).toBe('New: a. As before: b, c.');
    expect(files.map(isNew)).toEqual([true, false, false]);
    const held = await Promise.all(files.map(async ({to}) => readFile(to, 'utf8')));
    expect(held).toEqual(['new', 'earlier', 'earlier']);
  });

  test('are all new where nothing stands in the way', async () => {
    const folder = await makeFolder();
    const files = await makeFiles(folder, ['a', 'b']);
    const {isNew, error} = await putInPlace(files);
    expect(error).toBeUndefined();
    expect(files.map(isNew)).toEqual([true, true]);
    expect(await readdir(folder)).toEqual(['a', 'b']);
  });
});

test.runIf(process.getuid?.() === 0).each(fileUris)(
  'a file of $scheme that root replaces stays whose it was, for whom it was',
  async ({scheme, uri}) => {
    const folder = await makeFolder();
    const destination = openDestination(uri, {cwd: folder});
    const file = join(folder, 'out', `users.${scheme}`);
    await destination.publish([await makeLoad(folder, [{user_id: 1}])], publishOptions(folder));
    await chown(file, 12_345, 23_456);
    await chmod(file, 0o640);
    const [users] = await destination.publish(
      [await makeLoad(folder, [{user_id: 2}])],
      publishOptions(folder, {loadId: 'load2'}),
    );
    expect(users?.error).toBeUndefined();
    const {uid, gid, mode} = await stat(file);
    expect({uid, gid, mode: mode & 0o777}).toEqual({uid: 12_345, gid: 23_456, mode: 0o640});
    expect(await readRowsOf(scheme, file)).toEqual([{user_id: '2', name: null}]);
  },
);

describe.each(fileUris)('a file of $scheme that cannot be put in place', ({scheme, uri}) => {
  const tooLong = 'x'.repeat(255);

  test.each([
    ['a folder stands there', 'users', /exists, but it is not a file/],
    ['its name is too long', tooLong, /ENAMETOOLONG/],
  ])('because %s is found before the first request, and holds no other one back', async (_, name, message) => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'out', `users.${scheme}`), {recursive: true});
    const destination = openDestination(uri, {cwd: folder});
    await expect(destination.check([{schema: null, name}])).rejects.toThrow(DestinationError);
    const loads = [
      await makeLoad(folder, [{user_id: 1}], {name}),
      await makeLoad(folder, [{user_id: 2}], {name: 'fine'}),
    ];
    const [refused, fine] = await destination.publish(loads, publishOptions(folder));
    expect(refused?.error).toBeInstanceOf(DestinationError);
    expect(refused?.error?.message).toMatch(message);
    expect(fine?.error).toBeUndefined();
    expect(await readdir(join(folder, 'out'))).toEqual([`fine.${scheme}`, `users.${scheme}`]);
  });

  test('holds the others back where all or nothing is asked for', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'out', `users.${scheme}`), {recursive: true});
    const loads = [await makeLoad(folder, [{user_id: 1}]), await makeLoad(folder, [{user_id: 2}], {name: 'fine'})];
    const destination = openDestination(uri, {cwd: folder});
    const [, fine] = await destination.publish(loads, publishOptions(folder, {allOrNothing: true}));
    expect(fine?.error?.message).toMatch(/held back by users/);
    expect(await readdir(join(folder, 'out'))).toEqual([`users.${scheme}`]);
  });

  test('has a name that may be as long as names can be', async () => {
    const folder = await makeFolder();
    const name = 'x'.repeat(255 - `.${scheme}`.length);
    const [users] = await openDestination(uri, {cwd: folder}).publish(
      [await makeLoad(folder, [{user_id: 1}], {name})],
      publishOptions(folder),
    );
    expect(users?.error).toBeUndefined();
    expect(await readdir(join(folder, 'out'))).toEqual([`${name}.${scheme}`]);
  });
});
