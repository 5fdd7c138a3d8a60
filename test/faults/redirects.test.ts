import {createServer} from 'node:http';
import {expect, onTestFinished, test} from 'vitest';
import {rehearseEarlier, rehearseOverEarlier, tableOf} from './outcome.js';
import {pageSize, positions} from './positions.js';

/** Another origin, which answers as Docebo would answer nobody, and keeps what it was asked. */
async function startElsewhere() {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.url} ${JSON.stringify(request.headers)}`);
    response.end('{"data":{"items":[]}}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The server has no port.');
  return {origin: `http://127.0.0.1:${address.port}`, seen};
}

test.each([
  {status: 301, at: 'first page'},
  {status: 302, at: 'middle page'},
  {status: 303, at: 'last page'},
  {status: 307, at: 'first child'},
  {status: 308, at: 'first child, page 2'},
  {status: 302, at: 'single child'},
] as const)('$status to another origin, $at: kept, and no token goes there', async ({status, at}) => {
  const {origin, seen} = await startElsewhere();
  const {rows} = await rehearseEarlier();
  const {table, beside, match} = positions[at];
  const rehearsal = await rehearseOverEarlier();
  const struck = match(rehearsal.emulator);
  rehearsal.emulator.setFaults([{match: struck, kind: 'redirect', location: `${origin}/x`, status, times: 100}]);
  const report = await rehearsal.load([beside, table], {pageSize});
  expect(seen).toEqual([]);
  expect(tableOf(report, table).error).toMatchObject({exitCode: 5, message: expect.stringContaining(String(status))});
  expect(await rehearsal.published(table)).toEqual(rows[table]);
  expect(await rehearsal.published(beside)).toEqual(rehearsal.truth(beside));
});

test('a redirect of the token request: nobody else is sent the secret', async () => {
  const {origin, seen} = await startElsewhere();
  const {rows} = await rehearseEarlier();
  const rehearsal = await rehearseOverEarlier();
  rehearsal.emulator.setFaults([
    {match: '/oauth2/token', kind: 'redirect', location: `${origin}/x`, status: 307, times: 9},
  ]);
  await expect(rehearsal.load(['users', 'groups'], {pageSize})).rejects.toThrow('307');
  expect(seen).toEqual([]);
  expect(await rehearsal.published('users')).toEqual(rows['users']);
});
