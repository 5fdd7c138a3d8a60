import {execFile} from 'node:child_process';
import {readdir, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';
import {nameUnfinished, removeStrays} from '../../src/engine/unfinished.js';
import {makeFolder} from './spool.js';

const unfinishedModule = new URL('../../dist/src/engine/unfinished.js', import.meta.url).href;

test('only what a dead process of ours left unfinished is removed', async () => {
  const folder = await makeFolder();
  const code = `import {nameUnfinished} from '${unfinishedModule}'; console.log(await nameUnfinished());`;
  const {stdout} = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
  const ofDead = stdout.trim();
  const ofThis = await nameUnfinished();
  // A process that was given the number of a dead one, as happens in containers.
  const ofEarlier = ofThis.replace(/^(\.docebo-ingest-\d+-)\d*/, '$11');
  const ofContainer = ofThis.replace(/-\w{12}-/, '-0123456789ab-');
  const ofEarlierContainer = ofThis.replace(/-\w{12}-/, '-ba9876543210-');
  const others = ['.docebo-ingest-1-1-x.tmp', '.other.tmp', 'docebo.tmp', `${ofDead}.jsonl`];
  for (const name of [ofDead, ofThis, ofEarlier, ofContainer, ofEarlierContainer, ...others])
    await writeFile(join(folder, name), '');
  const dayBefore = Date.now() / 1000 - 25 * 3600;
  await utimes(join(folder, ofEarlierContainer), dayBefore, dayBefore);
  await removeStrays(folder);
  const isLinux = process.platform === 'linux';
  expect((await readdir(folder)).sort()).toEqual(
    [ofThis, ofContainer, ...(isLinux ? [] : [ofEarlier]), ...others].sort(),
  );
});
