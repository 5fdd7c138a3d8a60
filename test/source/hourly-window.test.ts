import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, onTestFinished, test} from 'vitest';
import {HourlyWindow, hourMs} from '../../src/source/http/hourly-window.js';
import {FakeClock} from './fake-clock.js';

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'docebo-calls-'));
  onTestFinished(() => rmSync(folder, {recursive: true}));
  return join(folder, 'calls');
}

describe('the calls of an hour', () => {
  test('never exceed the limit in any hour, whatever the pauses between them', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 20}),
        fc.array(fc.integer({min: 0, max: hourMs / 2}), {maxLength: 60}),
        (limit, pausesMs) => {
          const clock = new FakeClock();
          const window = new HourlyWindow({limit, folder: null, now: clock.now});
          const sentAt: number[] = [];
          for (const pauseMs of pausesMs) {
            clock.advance(pauseMs);
            for (let waitMs = window.take(); waitMs > 0; waitMs = window.take()) clock.advance(waitMs);
            sentAt.push(clock.now());
          }
          for (const [i, at] of sentAt.entries()) expect(at - (sentAt[i - limit] ?? 0)).toBeGreaterThanOrEqual(hourMs);
        },
      ),
    );
  });

  test('are told in advance as they then come', () => {
    const clock = new FakeClock();
    const window = new HourlyWindow({limit: 7, folder: null, now: clock.now});
    for (let call = 0; call < 5; call++) {
      window.take();
      clock.advance(60_000);
    }
    const toldMs = window.msUntil(20);
    const startMs = clock.now();
    for (let call = 0; call < 20; call++)
      for (let waitMs = window.take(); waitMs > 0; waitMs = window.take()) clock.advance(waitMs);
    expect(clock.now() - startMs).toBe(toldMs);
    expect(toldMs).toBeGreaterThan(2 * hourMs);
  });

  test('are remembered by the next run on the tenant', () => {
    const folder = makeFolder();
    const clock = new FakeClock();
    const first = new HourlyWindow({limit: 3, folder, now: clock.now});
    for (let call = 0; call < 3; call++) expect(first.take()).toBe(0);
    clock.advance(1_000_000);
    const second = new HourlyWindow({limit: 3, folder, now: clock.now});
    expect(second.take()).toBe(hourMs - 1_000_000);
    clock.advance(hourMs - 1_000_000);
    expect(second.take()).toBe(0);
  });

  test('are shared by runs that go on at the same time', () => {
    const folder = makeFolder();
    const clock = new FakeClock();
    const runs = [0, 1, 2, 3].map(() => new HourlyWindow({limit: 100, folder, now: clock.now}));
    let taken = 0;
    for (let round = 0; round < 200; round++) {
      for (const run of runs) if (run.take() === 0) taken++;
      clock.advance(8);
    }
    expect(taken).toBe(100);
  });

  test('are remembered of runs without a limit too', () => {
    const folder = makeFolder();
    const clock = new FakeClock();
    new HourlyWindow({limit: Number.POSITIVE_INFINITY, folder, now: clock.now}).take();
    expect(new HourlyWindow({limit: 1, folder, now: clock.now}).take()).toBe(hourMs);
  });

  test('that a clock a year ahead has dated count for an hour, and never again', () => {
    const folder = makeFolder();
    const clock = new FakeClock();
    const ahead = new FakeClock(clock.now() + 365 * 24 * hourMs);
    const wrong = new HourlyWindow({limit: 3, folder, now: ahead.now});
    for (let call = 0; call < 3; call++) wrong.take();
    const right = new HourlyWindow({limit: 3, folder, now: clock.now});
    expect(right.take()).toBe(hourMs);
    clock.advance(hourMs / 2);
    const next = new HourlyWindow({limit: 3, folder, now: clock.now});
    expect(next.take()).toBe(hourMs / 2);
    clock.advance(hourMs / 2);
    expect(right.take()).toBe(0);
    expect(new HourlyWindow({limit: 2, folder, now: clock.now}).take()).toBe(0);
  });

  test('of a run whose clock is ahead are counted all the while, those that it gave back are not', () => {
    const folder = makeFolder();
    const clock = new FakeClock();
    const ahead = new FakeClock(clock.now() + 365 * 24 * hourMs);
    const wrong = new HourlyWindow({limit: 100, folder, now: ahead.now});
    const right = new HourlyWindow({limit: 4, folder, now: clock.now});
    wrong.take();
    expect(right.msUntil(3)).toBe(0);
    wrong.take();
    expect(right.msUntil(3)).toBe(hourMs);
    writeFileSync(join(folder, 'other.calls'), `${ahead.now()}\n-${ahead.now()}\n`);
    expect(right.msUntil(2)).toBe(0);
    expect(right.msUntil(3)).toBe(hourMs);
  });

  test('are free again an hour after the clock was set back by a year', () => {
    const clock = new FakeClock();
    const window = new HourlyWindow({limit: 2, folder: makeFolder(), now: clock.now});
    for (let call = 0; call < 2; call++) window.take();
    clock.advance(-365 * 24 * hourMs);
    expect(window.take()).toBe(hourMs);
    clock.advance(hourMs);
    expect(window.take()).toBe(0);
  });

  test('leave no file behind once they are over', () => {
    const folder = makeFolder();
    const clock = new FakeClock();
    new HourlyWindow({limit: 1, folder, now: clock.now}).take();
    clock.advance(24 * hourMs);
    new HourlyWindow({limit: 1, folder, now: clock.now}).take();
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('are told to others by a run whose file was taken away while it was idle', () => {
    const folder = makeFolder();
    const clock = new FakeClock();
    const [idle, other] = [0, 1].map(() => new HourlyWindow({limit: 10, folder, now: clock.now}));
    idle?.take();
    clock.advance(24 * hourMs);
    other?.take();
    for (let call = 0; call < 9; call++) expect(idle?.take()).toBe(0);
    expect(other?.take()).toBe(hourMs);
  });

  test('are given back by runs that took the last one at the same moment', () => {
    const folder = makeFolder();
    const clock = new FakeClock();
    const late = new HourlyWindow({limit: 3, folder, now: clock.now, random: () => 0});
    late.take();
    // What another run writes between this one's look and its call.
    let looks = 0;
    const now = () => {
      if (++looks === 3) writeFileSync(join(folder, 'other.calls'), `${clock.now()}\n${clock.now()}\n`);
      return clock.now();
    };
    const racing = new HourlyWindow({limit: 3, folder, now, random: () => 0});
    expect(racing.take()).toBe(1);
    expect(late.take()).toBe(hourMs);
    expect(readdirSync(folder).map(name => readFileSync(join(folder, name), 'latin1'))).toContainEqual(
      `${clock.now()}\n-${clock.now()}\n`,
    );
    clock.advance(hourMs);
    expect(late.take()).toBe(0);
  });

  test('that cannot be written down are not made, if there is a limit', () => {
    const folder = makeFolder();
    writeFileSync(folder, 'a file');
    const now = new FakeClock().now;
    expect(() => new HourlyWindow({limit: 1, folder, now}).take()).toThrow('cannot be remembered');
    expect(new HourlyWindow({limit: Number.POSITIVE_INFINITY, folder, now}).take()).toBe(0);
  });
});
