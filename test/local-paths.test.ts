import {existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {homedir, tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {UsageError} from '../src/errors.js';
import {expandHome, makeFolder} from '../src/local-paths.js';

function makeScratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'docebo-paths-'));
  onTestFinished(() => rmSync(folder, {recursive: true}));
  return folder;
}

describe('a path that begins with ~', () => {
  test.each([
    ['~', homedir()],
    ['~/a/b', `${homedir()}/a/b`],
    ['a/~/b', 'a/~/b'],
    ['/~/b', '/~/b'],
    ['./~', './~'],
    ['~file', '~file'],
  ])('%s is %s', (path, expanded) => {
    expect(expandHome(path)).toBe(expanded);
  });

  test('is refused where it is the home of somebody else', () => {
    expect(() => expandHome('~bob/a')).toThrow(UsageError);
  });
});

describe('a folder', () => {
  test('is made with those above it, for its owner alone, and may be there', () => {
    const folder = join(makeScratch(), 'a', 'b');
    makeFolder(folder);
    makeFolder(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test('is not made below a file', () => {
    const file = join(makeScratch(), 'file');
    writeFileSync(file, '');
    expect(() => makeFolder(join(file, 'a'))).toThrow(/ENOTDIR/);
    expect(() => makeFolder(file)).toThrow(/EEXIST/);
  });

  test.runIf(existsSync('/proc/self'))('is not looked for without end where none can be made', () => {
    expect(() => makeFolder('/proc/a')).toThrow(/ENOENT/);
    expect(() => makeFolder('/proc/a/b/c')).toThrow(/ENOENT/);
  });

  test('whose name leads through one that is there is made', () => {
    const scratch = makeScratch();
    mkdirSync(join(scratch, 'a'));
    makeFolder(join(scratch, 'a', '..', 'b', 'c'));
    expect(existsSync(join(scratch, 'b', 'c'))).toBe(true);
  });
});
