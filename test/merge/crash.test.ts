import {expect, test} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {dice} from '../../src/emulator/random.js';
import type {Report} from '../../src/report.js';
import {startCommand} from '../crash/command.js';
import {openNights} from './nights.js';

const names = ['users', 'courses', 'enrollments', 'course_details'];
const kills = Number(process.env['DOCEBO_MERGE_KILLS'] ?? 2);
const seed = Number(process.env['DOCEBO_CRASH_SEED'] ?? Date.now() % 1_000_000);

test(
  'a merge killed at any moment leaves every table as it was or new, and a base for the next',
  async () => {
    let answered = () => {};
    const {emulator, file, stateDir, published, truth, expectTruth} = await openNights(names, {
      users: 80,
      latencyMs: 3,
      onAnswered: () => answered(),
    });
    const start = (...more: readonly string[]) =>
      startCommand([
        ...['ingest', '--source-uri', writeSourceUri(emulator), '--source-table', names.join(), '--page-size', '5'],
        ...['--dest-uri', `duckdb:///${file}`, '--state-dir', stateDir, '--incremental-strategy', 'merge'],
        ...['--progress', 'json', '--json', ...more],
      ]);
    const finish = async (...more: readonly string[]): Promise<Report> => {
      const {exitCode, stdout, stderr} = await start(...more).ended;
      expect(exitCode, stderr).toBe(0);
      return JSON.parse(stdout);
    };
    await finish();
    for (let index = 0; index < kills; index++) {
      const before = new Map<string, readonly string[] | null>();
      for (const name of names) before.set(name, await published(name));
      const users = [...emulator.truth('users')].map(({user_id}) => Number(user_id));
      const die = dice(seed, 'merge', index);
      emulator.nights.touchUser(die.pick(users), {at: new Date()});
      emulator.nights.removeUser(die.pick(users));
      emulator.nights.touchCourse(die.pick([...emulator.truth('courses')].map(each => Number(each['id_course']))), {
        at: new Date(),
      });

      let left = 1 + die.below(16);
      const command = start();
      answered = () => {
        if (--left === 0) setTimeout(() => command.kill('SIGKILL'), die.below(index % 2 === 0 ? 10 : 600));
      };
      await command.ended;
      answered = () => {};
      const label = `seed ${seed}, kill ${index}`;
      for (const name of names)
        expect([before.get(name), truth(name)], `${label}: ${name}`).toContainEqual(await published(name));

      const isResumed = index % 3 === 1;
      const goOn = async () => (isResumed ? finish('--resume').catch(async () => finish()) : finish());
      const {tables} = await goOn();
      await expectTruth();
      // Whatever else keeps a small list from being merged, its base is there.
      for (const {table, reason = ''} of tables) expect(reason, `${label}: ${table}`).not.toMatch(/earlier run/);
    }
  },
  60_000 + 20_000 * kills,
);
