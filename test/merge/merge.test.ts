import {expect, test} from 'vitest';
import {defaultMerge} from '../../src/choices.js';
import {rehearse} from '../helpers/rehearsal.js';

const merge = {...defaultMerge, maxAgeMs: 1e12};

test('a quiet night', async () => {
  const {load, published, truth, asked} = await rehearse({users: 300});
  const names = ['users', 'courses', 'enrollments', 'course_learning_objects', 'course_details', 'sessions'];
  const first = await load(names, {}, {merge});
  for (const {table, strategy, reason, error} of first.tables) console.log(table, strategy, reason, error);
  const from = asked().length;
  const second = await load(names, {}, {merge});
  console.log(asked(from).length, from);
  for (const {
    table,
    strategy,
    reason,
    changed,
    removed,
    carriedOver,
    oldest,
    audited,
    requests,
    error,
  } of second.tables)
    console.log(table, strategy, reason, {changed, removed, carriedOver, oldest, audited, requests}, error);
  for (const name of names) expect(await published(name)).toEqual(truth(name));
});
