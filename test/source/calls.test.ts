import {expect, test} from 'vitest';
import {Calls} from '../../src/source/lists/calls.js';

const figures = ({made, expected, planned}: Calls) => ({made, expected, planned});

test('the calls of a list that are left to be made are told to the budget, and all of them are planned', () => {
  const told: number[] = [];
  const calls = new Calls({expect: left => told.push(left)}, 2);
  calls.plan(false);
  calls.expect(3);
  calls.made++;
  expect({told, ...figures(calls)}).toEqual({told: [1, 3], made: 3, expected: 4, planned: 4});
});

test('the first call of a list that an earlier run has made is planned, and no more expected', () => {
  const told: number[] = [];
  const calls = new Calls({expect: left => told.push(left)});
  calls.plan(true);
  expect({told, ...figures(calls)}).toEqual({told: [], made: 0, expected: 0, planned: 1});
});

test('of lists for each parent the first call is planned, and further pages are expected only', () => {
  const calls = new Calls({expect: () => {}});
  calls.planFirst(40);
  calls.expect(30);
  calls.expect(2);
  expect(figures(calls)).toEqual({made: 0, expected: 32, planned: 40});
});
