import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {expect, it} from 'vitest';
import {main, runCli} from './run-cli.js';

it('the emulator prints its URL and a source URI, serves until stopped and ends well', async () => {
  const child = spawn(process.execPath, [main, 'emulator', '--users', '20'], {stdio: ['ignore', 'pipe', 'ignore']});
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const {value: url} = await lines.next();
    const {value: sourceUri} = await lines.next();
    expect(sourceUri).toContain(`docebo://?base_url=${encodeURIComponent(url)}`);

    const {status} = await fetch(new URL('/manage/v1/user', url));
    expect(status).toBe(401);

    const taken = await runCli(['emulator', '--port', new URL(url).port]);
    expect(taken).toMatchObject({exitCode: 2, stdout: ''});
  } finally {
    child.kill('SIGTERM');
  }
  expect(await once(child, 'exit')).toEqual([0, null]);
});
