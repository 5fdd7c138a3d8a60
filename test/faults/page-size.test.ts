import {expect, test} from 'vitest';
import {rehearseOverEarlier, tableOf} from './outcome.js';
import {pageSize} from './positions.js';

test.each([7, 10])('pages clamped to %i records are followed to the end', async largestPage => {
  const rehearsal = await rehearseOverEarlier({largestPage});
  const report = await rehearsal.load(['users', 'groups', 'group_members'], {pageSize});
  expect(report.exitCode).toBe(0);
  for (const name of ['users', 'groups', 'group_members'])
    expect(await rehearsal.published(name)).toEqual(rehearsal.truth(name));
});

test('too large a reply says what to do about it', async () => {
  const rehearsal = await rehearseOverEarlier();
  rehearsal.emulator.setFaults([{match: '/manage/v1/user', kind: 'huge', megabytes: 1, times: 100}]);
  const report = await rehearsal.load(['users', 'groups'], {pageSize, maxPageBytes: 500_000});
  expect(tableOf(report, 'users').error?.hint).toContain('--page-size');
});
