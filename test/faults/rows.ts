import type {DoceboOptions} from '../../src/source/docebo.js';
import type {Bend, Case, Expected} from './outcome.js';
import {type PositionName, positions} from './positions.js';

/** A line of the matrix: a fault, where it strikes, and what the load has to come to there. */
export interface Row {
  readonly fault: string;
  readonly bend: Bend;
  readonly at: readonly PositionName[];
  readonly expected: Expected;
  readonly docebo?: DoceboOptions;
}

export const bulk: readonly PositionName[] = ['first page', 'middle page', 'last page'];
export const children: readonly PositionName[] = ['first child', 'first child, page 2', 'later child'];
export const paged: readonly PositionName[] = [...bulk, ...children];
export const anywhere: readonly PositionName[] = [...paged, 'single child'];
/** For a fault that differs in nothing but its words from one that is tried anywhere. */
export const some: readonly PositionName[] = ['middle page', 'first child, page 2', 'single child'];

export const recovered: Expected = {outcome: 'recovered'};

export function kept(exitCode: number, says: RegExp, more: {names?: boolean; moreCalls?: number} = {}): Expected {
  return {outcome: 'kept', exitCode, says, ...more};
}

/** Cases that strike each position once, those of different tables in one load. `times`: requests that are struck there. */
export function expand(rows: readonly Row[], times: number): readonly (Case & {readonly name: string})[] {
  return rows.flatMap(({at, fault, ...row}) =>
    spread(at).map(some => ({
      name: `${some.join(' and ')}: ${fault} → ${row.expected.outcome}`,
      at: some,
      times,
      ...row,
    })),
  );
}

/** Puts positions into as few groups as can be, in each of which they are of different tables. */
function spread(at: readonly PositionName[]): readonly (readonly PositionName[])[] {
  const groups: PositionName[][] = [];
  for (const position of at) {
    const {table} = positions[position];
    const group = groups.find(each => each.every(name => positions[name].table !== table));
    if (group === undefined) groups.push([position]);
    else group.push(position);
  }
  return groups;
}
