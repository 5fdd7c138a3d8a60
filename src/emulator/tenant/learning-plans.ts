import {dateText, laterMoment, oddDateText, parseDate, someMoment} from '../dates.js';
import {chainLists, filterList, type List, lazyList, listOf, mapList, prefixSums, type SentRecord} from '../list.js';
import {unmarked} from '../marks.js';
import {Order, type Place} from '../order.js';
import {dice, type Ids, spreadIds, uuid} from '../random.js';
import {title} from '../texts.js';
import type {CourseFacts, Courses} from './courses.js';
import type {Enrolment} from './enrolments.js';
import type {Users} from './users.js';

export interface LearningPlans {
  readonly list: List;
  readonly ids: Ids;
  /** `GET /learningplan/v1/learningplans/{id}/courses` */
  courses(plan: number): List;
  enrolments(extras: ReadonlySet<string>): List;
  /** As in `GET /learn/v1/enrollments`, where `id` is the plan (tables/API.md#enrollments). */
  readonly learnEnrolments: List;
  /** Of the enrolments of all plans. */
  readonly order: Order;
  /** Of an enrolment by its index. */
  userOf(index: number): number;
  /** The user is in no plan any more. */
  removeUser(user: number): void;
  /** The course is in no plan any more. */
  removeCourse(course: number): void;
  created(place: Place): number;
  changed(place: Place): number;
  /** The enrolment of every user of the plan in each of its courses. */
  courseEnrolments(plan: number): List<Enrolment>;
}

interface Facts {
  id: number;
  name: string;
  code: string;
  courses: readonly number[];
  size: number;
  step: number;
}

export function createLearningPlans(seed: number, users: Users, courses: Courses): LearningPlans {
  const count = Math.max(4, Math.round(courses.count / 8));
  const ids = spreadIds(31, 2, seed, 'plan', count);
  const makeFacts = (plan: number): Facts => {
    const die = dice(seed, 'plan', plan);
    // One plan in five has nobody in it; the others get smaller.
    const size = plan % 5 === 4 ? 0 : Math.max(1, Math.floor((users.count * 0.2) / (plan + 1) ** 0.9));
    const length = 1 + die.below(Math.min(5, courses.count));
    const first = die.below(courses.count);
    return {
      id: ids.id(plan),
      name: title(die),
      code: die.chance(0.2) ? '' : `LP-${plan}`,
      courses: Array.from({length}, (_, place) => (first + place) % courses.count),
      size,
      step: size === 0 ? 1 : Math.floor(users.count / size),
    };
  };
  const known = Array.from({length: count}, (_, plan) => makeFacts(plan));
  const facts = (plan: number): Facts => known[plan] ?? makeFacts(plan);
  const sizes = Uint32Array.from({length: count}, (_, plan) => facts(plan).size);
  const places = chainLists(sizes, (plan, place) => ({plan, place}));
  const order = new Order({count: () => places.length});
  const placeOf = (index: number) => {
    const {plan, place} = places.at(index);
    return {of: facts(plan), place};
  };
  const record = ({of, place}: ReturnType<typeof placeOf>, extras: ReadonlySet<string>) =>
    enrolmentRecord(seed, of, place, users, extras);
  const gone = {users: new Set<number>(), courses: new Set<number>()};
  return {
    ids,
    list: lazyList(count, plan => planRecord(seed, plan, facts(plan), users)),
    enrolments: extras => mapList(order, ({index}) => record(placeOf(index), extras)),
    learnEnrolments: mapList(order, ({index}) => {
      const found = placeOf(index);
      return learnRecord(record(found, planExtras), found.of);
    }),
    order,
    userOf(index) {
      const {of, place} = placeOf(index);
      return place * of.step;
    },
    created: ({index}) => parseDate(record(placeOf(index), new Set())['enrollment_created_at']),
    changed({index}) {
      const {of, place} = placeOf(index);
      return drawDates(seed, of, place * of.step).updated;
    },
    courses: plan =>
      listOf(
        facts(plan).courses.flatMap((course, place) =>
          gone.courses.has(course) ? [] : [courseRecord(seed, courses.facts(course), course, place)],
        ),
      ),
    courseEnrolments(plan) {
      const {courses: all, step} = facts(plan);
      const taught = all.filter(course => !gone.courses.has(course));
      const places = lazyList(sizes[plan] ?? 0, place => place);
      const there = gone.users.size === 0 ? places : filterList(places, place => !gone.users.has(place * step));
      return lazyList(there.length * taught.length, index => {
        const course = taught[index % taught.length] ?? 0;
        return {user: there.at(Math.floor(index / taught.length)) * step, course, mark: unmarked};
      });
    },
    removeUser(user) {
      gone.users.add(user);
      const starts = prefixSums(sizes);
      const indexes = known.flatMap(({step, size}, plan) =>
        user % step === 0 && user / step < size ? [(starts[plan] ?? 0) + user / step] : [],
      );
      order.removeAll(new Set(indexes));
    },
    removeCourse: course => gone.courses.add(course),
  };
}

function planRecord(seed: number, plan: number, facts: Facts, users: Users): SentRecord {
  const die = dice(seed, 'plan-record', plan);
  const created = someMoment(die);
  return {
    learning_plan_id: facts.id,
    uuid: uuid(die),
    code: facts.code,
    title: facts.name,
    thumbnail_url: die.chance(0.5) ? null : 'https://cdn.example.com/plan.png',
    price: '0.00',
    credits: die.chance(0.5) ? '0.00' : '2.50',
    is_published: die.chance(0.8),
    is_publishable: true,
    assigned_courses_count: facts.courses.length,
    assigned_enrollments_count: facts.size,
    assigned_catalogs_count: 0,
    assigned_channels_count: 0,
    created_on: oddDateText(die, created),
    created_by: {user_id: users.ids.id(0), fullname: 'Jane Doe'},
    updated_on: dateText(laterMoment(die, created, 300)),
    updated_by: {user_id: users.ids.id(0), fullname: 'Jane Doe'},
  };
}

/** Members as in tables/API.md#learning_plan_courses. */
function courseRecord(
  seed: number,
  {id, name, code, uid, type}: CourseFacts,
  course: number,
  place: number,
): SentRecord {
  const die = dice(seed, 'plan-course', course);
  const opensLater = place > 0 && die.chance(0.3);
  return {
    id,
    title: name,
    code,
    uid,
    type,
    category: {id: 3, name: 'Categories'},
    is_published: die.chance(0.9),
    is_required: place === 0 || die.chance(0.7),
    sequence: place + 1,
    prerequisites_count: place,
    postpone_access: opensLater,
    time: opensLater ? 1 + die.below(9) : 0,
    time_unit: opensLater ? die.pick(['days', 'weeks']) : null,
    create_date: oddDateText(die, someMoment(die)),
    language_code: 'english',
    language_browser_code: 'en',
    language_name: 'English',
    all_courses: place > 0 ? 1 : 0,
    courses_to_be_completed: place,
  };
}

/** What is sent only if `extra_fields[]` asks for it (tables/API.md#learning_plan_enrollments). */
export const planExtras: ReadonlySet<string> = new Set([
  'enrollment_status',
  'enrollment_completion_date',
  'enrollment_completion_percentage',
  'enrollment_time_spent',
]);

function drawDates(seed: number, {id}: Facts, user: number) {
  const die = dice(seed ^ id, 'plan-enrolment', user);
  const enrolled = someMoment(die);
  return {die, enrolled, updated: laterMoment(die, enrolled, 200)};
}

function enrolmentRecord(
  seed: number,
  facts: Facts,
  place: number,
  users: Users,
  extras: ReadonlySet<string>,
): SentRecord {
  const user = place * facts.step;
  const {die, enrolled, updated} = drawDates(seed, facts, user);
  const status = die.pick(['not_started', 'in_progress', 'completed'] as const);
  const begins = die.chance(0.9) ? null : oddDateText(die, enrolled);
  const assignment = die.pick(['mandatory', 'optional']);
  const ends = die.chance(assignment === 'mandatory' ? 0.1 : 0.9) ? null : oddDateText(die, enrolled + 7_776_000);
  const mandatory = die.below(facts.courses.length + 1);
  const record: SentRecord = {
    user_id: users.ids.id(user),
    username: users.username(user),
    learning_plan_id: facts.id,
    learning_plan_name: facts.name,
    learning_plan_code: facts.code,
    enrollment_created_by: users.ids.id(0),
    enrollment_created_at: oddDateText(die, enrolled),
    enrollment_validity_begin_date: begins?.slice(0, 10) ?? null,
    enrollment_validity_begin_datetime: begins,
    enrollment_validity_end_date: ends?.slice(0, 10) ?? null,
    enrollment_validity_end_datetime: ends,
    enrollment_date_last_updated: dateText(updated),
    assignment_type: assignment,
    mandatory_courses_completed_at_completion: status === 'completed' ? mandatory : null,
    mandatory_courses_total_at_completion: status === 'completed' ? mandatory : null,
  };
  const onRequest: SentRecord = {
    enrollment_status: status,
    enrollment_completion_date: status === 'completed' ? oddDateText(die, updated) : null,
    enrollment_completion_percentage: {not_started: 0, in_progress: 1 + die.below(99), completed: 100}[status],
    enrollment_time_spent: die.below(40_000),
  };
  for (const [name, value] of Object.entries(onRequest)) if (extras.has(name)) record[name] = value;
  return record;
}

function learnRecord(sent: SentRecord, {courses}: Facts): SentRecord {
  return {
    id: sent['learning_plan_id'],
    user_id: sent['user_id'],
    subscribed_by: sent['enrollment_created_by'],
    date_last_updated: sent['enrollment_date_last_updated'],
    username: sent['username'],
    name: sent['learning_plan_name'],
    complete_percent: sent['enrollment_completion_percentage'],
    type: 'learning_plan',
    status: sent['enrollment_status'],
    code: sent['learning_plan_code'],
    enroll_date_of_enrollment: sent['enrollment_created_at'],
    enroll_begin_date: sent['enrollment_validity_begin_datetime'],
    enroll_end_date: sent['enrollment_validity_end_datetime'],
    courses_count: courses.length,
    course_complete_date: sent['enrollment_completion_date'],
    total_time: sent['enrollment_time_spent'],
  };
}
