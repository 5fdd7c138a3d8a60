import type {DoceboOptions} from '../../src/source/docebo.js';
import type {Bend, Case, Expected} from './outcome.js';
import type {PositionName} from './positions.js';

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

/** One case for each position; `times`: requests that are struck there. */
export function expand(rows: readonly Row[], times: number): readonly (Case & {readonly name: string})[] {
  return rows.flatMap(({at, fault, ...row}) =>
    at.map(position => ({name: `${position}: ${fault} → ${row.expected.outcome}`, at: position, times, ...row})),
  );
}
