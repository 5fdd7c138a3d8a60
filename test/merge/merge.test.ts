import {readdir, truncate} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {ChangeFilter} from '../../src/emulator/index.js';
import {lists, merge, openNights, perCourse} from './nights.js';

describe('a merge', () => {
  test('of a quiet night carries everything over, at a few calls', async () => {
    const {next, expectTruth} = await openNights([...lists, ...perCourse], {users: 120});
    const first = await next();
    for (const {strategy, reason} of first.report.tables)
      expect({strategy, reason}).toEqual({strategy: 'replace', reason: 'No earlier run has read the table whole.'});
    const {table, calls} = await next();
    await expectTruth();
    // Two pages that are audited, one for the changes, one more for the count, and as nothing was named one where rows are known to be.
    for (const name of ['users', 'enrollments'])
      expect(table(name)).toMatchObject({strategy: 'merge', changed: 0, removed: 0, audited: 10, requests: 5});
    expect(table('courses')).toMatchObject({strategy: 'replace', reason: 'To read all of it takes no more calls.'});
    for (const name of perCourse) expect(table(name)).toMatchObject({strategy: 'merge', changed: 0, requests: 0});
    expect(calls).toHaveLength(5 + 5 + 3);
  });

  test.each<[string, Partial<ChangeFilter>, Readonly<Record<string, unknown>>]>([
    ['is heeded', {}, {strategy: 'merge', changed: 3, removed: 2}],
    ['is ignored', {kind: 'ignored'}, {reason: "Docebo's filter updated_from cannot be relied on: it is ignored."}],
    ['is refused', {kind: 'refused'}, {reason: 'Docebo refuses to say what has changed (400).'}],
    ['goes by whole days', {kind: 'days'}, {}],
    ['leaves out the bounds', {kind: 'exclusive'}, {strategy: 'merge', changed: 3, removed: 2}],
    [
      'goes by when rows were made',
      {kind: 'created'},
      {reason: "Docebo's filter updated_from cannot be relied on: it left out a row that had changed."},
    ],
    ['is in a zone to the west', {zoneHours: -12}, {}],
    ['is in a zone to the east', {zoneHours: 14}, {}],
    ['is not sorted', {isSorted: false}, {strategy: 'merge', changed: 3, removed: 2}],
    [
      'does not count',
      {isCounted: false},
      {reason: 'Docebo does not count the rows that have changed (updated_from).'},
    ],
    ['knows no end', {bounds: 'from'}, {reason: expect.stringContaining('Rows are gone, and which ones could not be')}],
  ])('gives the truth where the filter %s', async (_, changeFilter, expected) => {
    const {next, emulator, expectTruth} = await openNights(['users'], {users: 240, changeFilter});
    await next();
    const users = emulator.edit('users');
    for (const position of [3, 28, 50]) users.touch(position);
    for (const position of [20, 45]) users.remove(position);
    // The first pages, which hold changes.
    const {table, report} = await next({merge: {...merge, auditPages: 6}, random: () => 0});
    expect(report.exitCode).toBe(0);
    await expectTruth();
    expect(table('users')).toMatchObject(expected);
  });

  test('does not use a filter again that was seen to miss a change, until a full refresh', async () => {
    const {next, emulator, expectTruth} = await openNights(['users'], {changeFilter: {kind: 'created'}});
    await next();
    emulator.edit('users').touch(0);
    const reason = "Docebo's filter updated_from cannot be relied on: it left out a row that had changed.";
    expect((await next({random: () => 0})).table('users')).toMatchObject({reason});
    const {table, calls} = await next();
    expect(table('users')).toMatchObject({strategy: 'replace', reason});
    expect(calls.filter(path => path.includes('updated_from'))).toEqual([]);
    expect((await next({fullRefresh: true})).table('users')).toMatchObject({reason: 'A full refresh was asked for.'});
    const after = await next();
    expect(after.calls.filter(path => path.includes('updated_from'))).not.toEqual([]);
    await expectTruth();
  });

  test.each(['enrollments', 'course_enrollments'])(
    'of %s notices that a course was renamed, and goes on to trust the filter',
    async name => {
      const {next, emulator, published, expectTruth} = await openNights([name], {users: 60});
      await next();
      const rows = ((await published(name)) ?? []).map(row => JSON.parse(row));
      // Of the course with the most enrolments some are audited.
      const courses = rows.filter(({type}) => type !== 'learning_plan').map(({course_id: course, id}) => course ?? id);
      const countOf = (id: unknown) => courses.filter(each => each === id).length;
      const [course] = courses.toSorted((one, other) => countOf(other) - countOf(one));
      emulator.nights.renameCourse(Number(course), 'Renamed');
      const many = {...merge, auditPages: 10};
      const reason = expect.stringContaining('What its rows tell of others has changed, such as a name: name');
      expect((await next({merge: many})).table(name)).toMatchObject({strategy: 'replace', reason});
      await expectTruth();
      expect((await next()).table(name)).toMatchObject({strategy: 'merge'});
    },
  );

  test('reads whole what is too old, and the lists of courses that are due', async () => {
    const {next, expectTruth} = await openNights([...lists, ...perCourse]);
    await next();
    const {table} = await next({merge: {...merge, maxAgeMs: 1}});
    expect(table('users')).toMatchObject({reason: 'Its oldest rows were read more than 0 s ago.'});
    expect(table('course_details')).toMatchObject({strategy: 'merge', carriedOver: 0, changed: 0, requests: 12});
    await expectTruth();
  });

  test('reads whole what is damaged, foreign or gone on disk, and says so', async () => {
    const {next, stateDir, expectTruth} = await openNights(['users', 'course_details']);
    await next();
    const [tenant = ''] = await readdir(join(stateDir, 'tenants'));
    const bases = join(stateDir, 'tenants', tenant, 'bases', 'users');
    const [folder = ''] = (await readdir(bases)).filter(name => !name.endsWith('.json'));
    await truncate(join(bases, folder, 'manifest.ndjson'), 1000);
    const {table, report} = await next();
    expect(table('users')).toMatchObject({reason: 'What earlier runs have read has changed on disk.'});
    expect(table('course_details')).toMatchObject({strategy: 'merge', requests: 0});
    expect(report.exitCode).toBe(0);
    expect((await next()).table('users')).toMatchObject({strategy: 'merge'});
    await expectTruth();
  });

  test('takes what an ordinary run has read for its base, and pages of another size', async () => {
    const {next, load, expectTruth} = await openNights(['users', 'enrollments']);
    const {tables} = await load(['users', 'enrollments'], {pageSize: 20});
    expect(tables.map(({strategy, reason}) => [strategy, reason])).toEqual([
      ['replace', undefined],
      ['replace', undefined],
    ]);
    const {table} = await next();
    for (const name of ['users', 'enrollments']) expect(table(name)).toMatchObject({strategy: 'merge', changed: 0});
    await expectTruth();
  });

  test('goes on where it was stopped, as often as it is', async () => {
    let interrupt = new AbortController();
    let [answered, stopsAt] = [0, Number.POSITIVE_INFINITY];
    const onAnswered = () => {
      if (++answered >= stopsAt) interrupt.abort();
    };
    const names = [...lists, ...perCourse];
    const {next, emulator, asked, expectTruth} = await openNights(names, {users: 200, onAnswered});
    await next();
    for (const position of [3, 28, 50]) {
      emulator.edit('users').touch(position);
      emulator.edit('course_enrollments').remove(position);
      emulator.edit('courses').touch(position % 9);
    }
    const from = emulator.requests.length;
    for (const answers of [2, 5, 9, 12]) {
      interrupt = new AbortController();
      [answered, stopsAt] = [0, answers];
      await expect(next(answers > 2 ? {resume: true} : {}, {signal: interrupt.signal})).rejects.toThrow();
    }
    stopsAt = Number.POSITIVE_INFINITY;
    const {table, report} = await next({resume: true});
    expect(report.exitCode).toBe(0);
    for (const name of ['users', 'enrollments', ...perCourse]) expect(table(name)).toMatchObject({strategy: 'merge'});
    expect(table('enrollments')).toMatchObject({removed: 3});
    // Only what was under way is asked for again.
    const details = asked(from).filter(path => /courses\/\d+$/.test(path));
    expect(details.length - new Set(details).size).toBeLessThanOrEqual(8);
    await expectTruth();
  });

  test('is not resumed as a run of the other kind', async () => {
    const names = ['users', 'enrollments'];
    const {next, emulator, load} = await openNights(names);
    await next();
    emulator.setFaults([{kind: 'status', status: 403, match: '/learn/v1/enrollments', times: 100}]);
    expect((await next()).report.exitCode).toBe(7);
    await expect(load(names, {pageSize: 5}, {resume: true})).rejects.toThrow(
      'it merges tables (--incremental-strategy merge)',
    );
  });

  test('goes by another route than an ordinary run only if that is allowed', async () => {
    const {next, load, expectTruth} = await openNights(['course_enrollments']);
    await load(['course_enrollments'], {pageSize: 5});
    const kept = await next();
    expect(kept.table('course_enrollments')).toMatchObject({
      route: '/course/v1/courses/enrollments',
      reason: expect.stringContaining('with --allow-route-change it is read by /learn/v1/enrollments'),
    });
    expect((await next({allowRouteChange: true})).table('course_enrollments')).toMatchObject({strategy: 'replace'});
    await expectTruth();
    expect((await next()).table('course_enrollments')).toMatchObject({strategy: 'merge', changed: 0});
    await expectTruth();
  });

  test('leaves a list that ignores its query for the next route', async () => {
    const {next, published, truth} = await openNights(['course_enrollments'], {typeFilter: false});
    for (const _ of [1, 2]) {
      const {table, report} = await next();
      expect(report.exitCode).toBe(0);
      expect(table('course_enrollments')).toMatchObject({route: '/course/v1/courses/enrollments'});
      expect(await published('course_enrollments')).toEqual(truth('course_enrollments'));
    }
  });

  test('notices rows that go while it reads', async () => {
    let onAnswered = (_: string) => {};
    const nights = await openNights(['users', 'enrollments'], {onAnswered: path => onAnswered(path)});
    const {next, emulator, expectTruth} = nights;
    await next();
    let left = 2;
    onAnswered = path => {
      if (!path.includes('updated_from') || left-- <= 0) return;
      emulator.edit('users').remove(10);
      emulator.edit('course_enrollments').remove(10);
    };
    const {report} = await next();
    expect(report.exitCode).toBe(0);
    await expectTruth();
  });

  test('of two runs at once gives both the truth', async () => {
    const {next, emulator, expectTruth, folder} = await openNights(['users', 'enrollments', 'course_details'], {
      users: 100,
    });
    await next();
    emulator.edit('users').touch(3);
    emulator.edit('users').remove(7);
    const {openDestination} = await import('../../src/destination/open.js');
    const other = openDestination(`jsonl://${folder}/out`, {lockTimeoutMs: 0});
    const both = await Promise.all([next(), next({destination: other})]);
    for (const {report, table} of both) {
      expect(report.tables.map(({error}) => error?.message)).toEqual(report.tables.map(() => undefined));
      expect(table('users')).toMatchObject({strategy: 'merge', changed: 1, removed: 1});
    }
    await expectTruth();
    expect((await next()).table('users')).toMatchObject({strategy: 'merge', removed: 0});
    await expectTruth();
  });

  test('tables that are made of merged ones are published night after night', async () => {
    const names = ['users', 'user_managers', 'enrollments', 'session_attendance'];
    const {next, emulator, expectTruth} = await openNights(names, {users: 120});
    for (let night = 0; night < 4; night++) {
      // A load id has whole seconds.
      await new Promise(resolve => setTimeout(resolve, 1100));
      const {report} = await next();
      expect(report.tables.map(({table, status}) => `${table} ${status}`)).toEqual(
        names.map(name => `${name} published`),
      );
      await expectTruth();
      if (night > 0) emulator.edit('users').touch(3 + night);
    }
  });
});
