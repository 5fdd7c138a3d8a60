import {dateText, oddDateText, someMoment} from '../dates.js';
import {type List, lazyList, type SentRecord} from '../list.js';
import {dice, spreadIds} from '../random.js';
import {city, sentence, title} from '../texts.js';
import type {Branches} from './branches.js';
import type {Courses} from './courses.js';
import type {Users} from './users.js';

export interface Subscriptions {
  readonly bundles: List;
  readonly plans: List;
  readonly records: List;
  readonly seats: List;
}

/** The specification numbers the kinds in two ways, and so do its lists (tables/API.md#subscription_bundles). */
const kinds = ['licenses', 'seats'] as const;
const year = 31_536_000;

interface Parts {
  readonly users: Users;
  readonly branches: Branches;
  readonly courses: Courses;
}

export function createSubscriptions(seed: number, {users, branches, courses}: Parts): Subscriptions {
  const count = Math.min(60, Math.max(3, Math.round(Math.sqrt(users.count) / 6)));
  const records = Math.max(6, Math.round(users.count / 40));
  const seats = Math.max(10, Math.round(users.count / 6));
  const bundleIds = spreadIds(4, 3, seed, 'bundle', count);
  const planIds = spreadIds(10, 2, seed, 'plan', 2 * count);
  const recordIds = spreadIds(20, 3, seed, 'record', records);
  const seatIds = spreadIds(40, 2, seed, 'seat', seats);
  const bundle = (index: number) => {
    const die = dice(seed, 'bundle', index);
    const facts = {name: title(die), description: sentence(die), code: die.chance(0.2) ? '' : `B-${index}`};
    return {...facts, kind: index % 2, isPublished: die.chance(0.8), course: die.below(courses.count)};
  };
  const plan = (index: number): SentRecord => {
    const die = dice(seed, 'plan', index);
    const of = Math.floor(index / 2);
    const {name, description, code, kind} = bundle(of);
    const units = 1 + die.below(3);
    const period = 1 + die.below(6);
    return {
      plan_id: planIds.id(index),
      plan_name: index % 2 === 0 ? 'Standard' : 'Plus',
      code: die.chance(0.3) ? '' : `P-${index}`,
      bundle_id: bundleIds.id(of),
      bundle_title: name,
      bundle_code: code,
      bundle_description: description,
      bundle_type: kinds[kind],
      bundle_type_id: 2 - kind,
      plan_price: `${10 * (1 + die.below(40))}.00`,
      duration: `${period} ${['days', 'months', 'years'][units - 1]}`,
      validity_period: period,
      validity_units: units,
      renewal_type: die.pick(['none', 'manual', 'automatic']),
      availability: die.chance(0.2) ? null : 10 * (1 + die.below(20)),
      enforce_limit: die.below(2),
      actions: ['edit'],
    };
  };
  const recordOf = (index: number): SentRecord => {
    const die = dice(seed, 'record', index);
    const planIndex = die.below(2 * count);
    const {kind, course} = bundle(Math.floor(planIndex / 2));
    const begins = someMoment(die);
    const bought = 5 + die.below(50);
    const used = die.below(bought);
    const branch = die.below(branches.flattened.length);
    return {
      record_id: recordIds.id(index),
      record_name: recordName(index),
      code: die.chance(0.3) ? '' : `R-${index}`,
      bundle_id: bundleIds.id(Math.floor(planIndex / 2)),
      plan_id: planIds.id(planIndex),
      object_id: Number(branches.flattened.at(branch)['id']),
      object_type: 1,
      selection_status: 1 + die.below(2),
      record_type: 1 + die.below(2),
      type: 1 + kind,
      status: 1 + die.below(2),
      start_date: dateText(begins),
      end_date: oddDateText(die, begins + year),
      availability: bought,
      remaining: bought - used,
      sold_to_name: branches.flattened.at(branch)['title'],
      parent_id: index % 4 === 3 ? recordIds.id(index - 1) : null,
      users_associated: used,
      enrollments_done: 2 * used,
      renewal_type: 1 + die.below(3),
      price: `${bought * 20}.00`,
      notes: die.chance(0.5) ? '' : sentence(die),
      created_by: users.ids.id(0),
      created_on: dateText(begins - 86_400),
      sub_items: [{id: index + 1, record_id: recordIds.id(index), item_id: courses.ids.id(course), item_type: 1}],
    };
  };
  const recordName = (index: number) => `${city(dice(seed, 'record-name', index))} ${index + 1}`;
  return {
    bundles: lazyList(count, index => {
      const {kind, isPublished, course, ...facts} = bundle(index);
      return {
        id: bundleIds.id(index),
        ...facts,
        type: kinds[kind],
        type_id: 1 + kind,
        published: isPublished,
        sub_items: [{item_id: courses.ids.id(course), name: title(dice(seed, 'bundle-item', index))}],
        plans: [0, 1].map(place => ({plan_id: planIds.id(2 * index + place)})),
        visibility: isPublished
          ? [{type: 1, id_object: 2, selection_status: 2, title: 'All', type_label: 'Branch'}]
          : [],
        actions: ['edit', 'delete'],
      };
    }),
    plans: lazyList(2 * count, plan),
    records: lazyList(records, recordOf),
    seats: lazyList(seats, index => {
      const die = dice(seed, 'seat', index);
      const record = die.below(records);
      const given = someMoment(die);
      return {
        id: seatIds.id(index),
        user_id: users.ids.id(Math.floor((index * users.count) / seats)),
        record_id: recordIds.id(record),
        record_name: recordName(record),
        assignment_date: dateText(given),
        seat_end_date: oddDateText(die, given + year),
        status: 1 + die.below(3),
        mode: die.below(2),
      };
    }),
  };
}
