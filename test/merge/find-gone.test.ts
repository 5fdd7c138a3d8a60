import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Page} from '../../src/source/lists/page.js';
import type {Query} from '../../src/source/lists/request.js';
import {CannotMergeError} from '../../src/source/merge/cannot-merge.js';
import {findGone} from '../../src/source/merge/find-gone.js';
import {KnownRows} from '../../src/source/merge/known-rows.js';
import {formatMoment, readMoment} from '../../src/source/merge/look.js';
import {findByStretches, StretchError} from '../../src/source/merge/stretches.js';
import type {PageLine} from '../../src/spool/format.js';
import {users} from '../../tables/users.js';

const changes = {from: 'since', to: 'until', column: 'changed', evidence: 'A'} as const;
const pageSize = 5;

interface Row {
  readonly key: string;
  readonly changedAt: string;
}

/** How a server reads the bounds. */
interface Manners {
  readonly isExclusive?: boolean;
  readonly zoneMs?: number;
  readonly ignoresUntil?: boolean;
  /** Whether only the day of a bound counts. */
  readonly byDays?: boolean;
  /** Key → the date that the bounds go by, where it is another than the one that is sent. */
  readonly createdAt?: Readonly<Record<string, string>>;
}

/** A list that heeds the bounds, with the calls made for it. */
function listOf(
  rows: readonly Row[],
  {isExclusive = false, zoneMs = 0, ignoresUntil = false, byDays = false, createdAt = {}}: Manners = {},
) {
  const calls: string[] = [];
  const look = async (number: number, extra: Query): Promise<Page> => {
    calls.push(JSON.stringify([number, extra]));
    const day = (ms: number) => Math.floor(ms / 86_400_000) * 86_400_000;
    const since = readMoment(String(extra['since'] ?? '')) ?? Number.NEGATIVE_INFINITY;
    const from = (byDays ? day(since) : since) - zoneMs;
    const until = ignoresUntil ? undefined : readMoment(String(extra['until'] ?? ''));
    const to = until === undefined ? Number.POSITIVE_INFINITY : (byDays ? day(until) + 86_399_000 : until) - zoneMs;
    const found = rows.filter(({key, changedAt}) => {
      if (extra['user[]'] !== undefined) return extra['user[]'].includes(key);
      const ms = readMoment(createdAt[key] ?? changedAt);
      if (ms === undefined) return false;
      return isExclusive ? ms > from && ms < to : ms >= from && ms <= to;
    });
    const onPage = found.slice((number - 1) * pageSize, number * pageSize);
    const facts = {
      number,
      sent: onPage.length,
      total: found.length,
      total_pages: null,
      count: null,
      current_page: null,
      page_size: pageSize,
      has_more: null,
      blank: null,
      fingerprint: '',
    };
    const keys = onPage.map(({key, changedAt}) => `${key}\t${changedAt}\n`).join('');
    const lines = {records: 0, heldBytes: 0, undeclared: {}, exact: [], mended: [], repeated: []};
    return {
      request: '',
      facts,
      keys,
      lines: {...lines, encode: () => Buffer.alloc(0), fingerprint: () => ''},
      look: () => [],
      cursor: null,
    };
  };
  return {look, calls};
}

function rowsAt(seconds: readonly number[]): readonly Row[] {
  return seconds.map((second, index) => ({key: `k${index}`, changedAt: formatMoment(1.7e12 + second * 1000)}));
}

async function find(known: readonly Row[], held: readonly Row[], manners?: Manners) {
  const {look, calls} = listOf(held, manners);
  const found = await findByStretches(known, held.length, {changes, pageSize, width: 1, look});
  return {found: [...found].sort(), calls: calls.length};
}

describe('rows that are gone', () => {
  test('are found whatever the dates, and whether the bounds are inclusive or not', async () => {
    const moments = fc.array(fc.oneof(fc.nat(2_000_000), fc.nat(20)), {minLength: 30, maxLength: 300});
    await fc.assert(
      fc.asyncProperty(
        moments,
        fc.array(fc.nat(), {minLength: 1, maxLength: 4}),
        fc.boolean(),
        async (at, picks, isExclusive) => {
          const known = rowsAt(at);
          const gone = new Set(picks.map(pick => known[pick % known.length]?.key ?? ''));
          const held = known.filter(({key}) => !gone.has(key));
          const result = await find(known, held, {isExclusive}).catch((error: unknown) => error);
          // If it takes more calls than to read all, that is said.
          if (!(result instanceof CannotMergeError)) expect(result).toMatchObject({found: [...gone].sort()});
        },
      ),
      {numRuns: 300},
    );
  });

  test('cost about as many calls as the list can be halved', async () => {
    const known = rowsAt(Array.from({length: 5000}, (_, index) => index * 60));
    const callsFor = async (gone: string) => {
      const {found, calls} = await find(
        known,
        known.filter(({key}) => key !== gone),
      );
      expect(found).toEqual([gone]);
      return calls;
    };
    // One for all that have a date, ten for 1,000 pages, one to read the page.
    expect(await callsFor('k1236')).toBeLessThanOrEqual(12);
    // At the edge of what was read, its neighbours are read too.
    expect(await callsFor('k1234')).toBeLessThanOrEqual(14);
  });

  test('are found in a stretch whose rows changed all at once', async () => {
    const known = rowsAt([
      ...Array.from({length: 400}, (_, index) => index * 60),
      ...Array.from({length: 23}, () => 1e6),
    ]);
    const {found} = await find(
      known,
      known.filter(({key}) => key !== 'k410'),
    );
    expect(found).toEqual(['k410']);
  });

  test('are found beside rows without a date, unless those are gone', async () => {
    const dated = rowsAt(Array.from({length: 400}, (_, index) => index * 60));
    const known = [...dated, {key: 'x', changedAt: ''}, {key: 'y', changedAt: '0000-00-00 00:00:00'}];
    expect(
      (
        await find(
          known,
          known.filter(({key}) => key !== 'k7'),
        )
      ).found,
    ).toEqual(['k7']);
    await expect(
      find(
        known,
        known.filter(({key}) => key !== 'x'),
      ),
    ).rejects.toThrow(StretchError);
  });

  test.each<[string, Manners]>([
    ['in another time zone', {zoneMs: 2 * 3_600_000}],
    ['of which one is ignored', {ignoresUntil: true}],
  ])('are not guessed from bounds %s', async (_, manners) => {
    const known = rowsAt(Array.from({length: 400}, (_, index) => index * 600));
    await expect(
      find(
        known,
        known.filter(({key}) => key !== 'k7'),
        manners,
      ),
    ).rejects.toThrow(StretchError);
  });

  test('are never mistaken for others, in whatever way the bounds are read', async () => {
    const moments = fc.array(fc.oneof(fc.nat(2_000_000), fc.nat(90_000_000)), {minLength: 40, maxLength: 200});
    const manners = fc.record({
      // Most zones can't be told from stretches, so a search in them ends without an answer.
      zoneMs: fc.oneof(
        fc.constant(0),
        fc.integer({min: -48, max: 56}).map(quarters => quarters * 900_000),
      ),
      isExclusive: fc.boolean(),
      byDays: fc.boolean(),
    });
    let found = 0;
    await fc.assert(
      fc.asyncProperty(
        moments,
        fc.array(fc.nat(), {minLength: 1, maxLength: 3}),
        manners,
        async (at, picks, manner) => {
          const known = rowsAt(at);
          const gone = new Set(picks.map(pick => known[pick % known.length]?.key ?? ''));
          const held = known.filter(({key}) => !gone.has(key));
          const result = await find(known, held, manner).catch((error: unknown) => error);
          if (result instanceof StretchError || result instanceof CannotMergeError) return;
          expect(result).toMatchObject({found: [...gone].sort()});
          found++;
        },
      ),
      {numRuns: 500},
    );
    expect(found).toBeGreaterThan(5);
  });

  test('are told from a row that has changed meanwhile, or not guessed', async () => {
    const known = rowsAt(Array.from({length: 400}, (_, index) => index * 600));
    for (const changed of ['k8', 'k300']) {
      const held = known
        .filter(({key}) => key !== 'k7')
        .map(row => (row.key === changed ? {...row, changedAt: formatMoment(1.8e12)} : row));
      const result = await find(known, held).catch((error: unknown) => error);
      if (!(result instanceof StretchError)) expect(result).toMatchObject({found: ['k7']});
    }
  });

  test('are not looked for if reading all of the list takes fewer calls', async () => {
    const known = rowsAt(Array.from({length: 100}, (_, index) => index * 60));
    const held = known.filter((_, index) => index % 3 > 0);
    await expect(find(known, held)).rejects.toThrow('34 rows are gone, and to find them would take more calls');
  });

  test('are not dropped where the list still sends them, however well its counts fit', async () => {
    const known = rowsAt(Array.from({length: 400}, (_, index) => index * 60));
    const held = known.filter(({key}) => key !== 'k7');
    // Made when k7 was, changed much later: among those up to the middle one is missing and one too many.
    const {look} = listOf(held, {createdAt: {k300: known[7]?.changedAt ?? ''}});
    expect([...(await findByStretches(known, held.length, {changes, pageSize, width: 1, look}))]).toEqual(['k300']);
    const page = {keys: known.map(({key, changedAt}) => `${key}\t${changedAt}\n`).join(''), records: known.length};
    const looker = {
      changes,
      primaryKey: ['key'],
      parents: new Map([['key', new Set(known.map(({key}) => key))]]),
      pageSize,
      sinceMs: 1.9e12,
      total: held.length,
      look,
    };
    const findIn = async (more: Partial<Parameters<typeof findGone>[2]>) =>
      findGone(new KnownRows([page as PageLine], 1), new Map(), {...looker, lookUp: async () => false, ...more});
    const isStanding = 'A row is still there that is not where its date says';
    const goesWith = {key: {table: users, param: 'user[]'}};
    await expect(findIn({changes: {...changes, goesWith}})).rejects.toThrow(isStanding);
    const lookedUp = {...changes, lookup: '/users/{key}'};
    const lookUp = async (_: string, key: string) => held.some(row => row.key === key);
    await expect(findIn({changes: lookedUp, lookUp})).rejects.toThrow(isStanding);
    // Where not even a row is found that is there.
    await expect(findIn({changes: lookedUp})).rejects.toThrow('cannot be looked up');
    await expect(findIn({})).rejects.toThrow('cannot be looked up');
  });
});
