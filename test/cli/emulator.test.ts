import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {expect, it} from 'vitest';
import {main, runCli} from './run-cli.js';

it('the emulator prints its URL and a source URI, serves until stopped and ends well', async () => {
  const shapes = [
    '--groups',
    'numbered',
    '--courses',
    'managed',
    '--enrollments',
    'per-course',
    '--without',
    'gamification,surveys',
  ];
  const args = ['emulator', '--users', '20', ...shapes];
  const child = spawn(process.execPath, [main, ...args], {stdio: ['ignore', 'pipe', 'ignore']});
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const {value: url} = await lines.next();
    const {value: sourceUri} = await lines.next();
    expect(sourceUri).toContain(`docebo://?base_url=${encodeURIComponent(url)}`);

    const {status} = await fetch(new URL('/manage/v1/user', url));
    expect(status).toBe(401);

    const {searchParams} = new URL(sourceUri);
    const form = new URLSearchParams([...searchParams, ['grant_type', 'client_credentials']]);
    const token = await fetch(new URL('/oauth2/token', url), {method: 'POST', body: form});
    const {access_token} = (await token.json()) as {access_token: string};
    const headers = {authorization: `Bearer ${access_token}`};
    const audiences = await fetch(new URL('/audiences/v1/audience?page_size=1', url), {headers});
    expect(await audiences.json()).toMatchObject({data: {items: [{group_id: expect.any(Number)}]}});

    const switchedOff = ['/share/v1/gamification/badges', '/learn/v1/survey/1/answer'];
    for (const path of ['/learn/v1/courses', '/course/v1/courses/enrollments', ...switchedOff]) {
      expect((await fetch(new URL(path, url), {headers})).status, path).toBe(403);
    }

    const day = await fetch(new URL('/emulator/day', url), {method: 'POST'});
    expect(await day.json()).toMatchObject({users: {changed: 1, added: 1, removed: 1}, courses: {added: 0}});

    const taken = await runCli(['emulator', '--port', new URL(url).port]);
    expect(taken).toMatchObject({exitCode: 2, stdout: ''});
    const unknown = await runCli(['emulator', '--without', 'users']);
    expect(unknown).toMatchObject({exitCode: 2, stderr: expect.stringContaining('--without takes areas: ')});
  } finally {
    child.kill('SIGTERM');
  }
  expect(await once(child, 'exit')).toEqual([0, null]);
});
