type Truth = (table: string) => Iterable<Record<string, unknown>>;

/** Path → how many calls the data of an emulator needs at the least, with its usual options and pages of 200. */
export type Calls = ReadonlyMap<string, number>;

const pageSize = 200;

/** Tables that are made of others, at no call. */
const derived = [
  'course_field_values',
  'course_instructors',
  'course_partners',
  'polls',
  'session_attendance',
  'session_dates',
  'session_field_values',
  'session_instructors',
  'session_locations',
].map((table): [string, Calls] => [table, new Map()]);

/** Worked out from the records alone, without the program: what it must not exceed. */
export function expectCalls(truth: Truth): ReadonlyMap<string, Calls> {
  const rows = (table: string) => [...truth(table)];
  const bulk = (table: string, path: string): [string, Calls] => [
    table,
    new Map([[path, pagesOf(count(truth(table)))]]),
  ];
  const courses = rows('courses');
  const members = countBy(truth('group_members'), ({group_id: group}) => group);
  const inBranches = countBy(truth('user_branches'), ({branch_id: branch}) => Number(branch));
  const holders = countBy(truth('badge_awards'), ({badge_id: badge}) => badge);
  const sessions = countBy(truth('sessions'), ({course_id: course}) => course);
  const planRows = countBy(truth('learning_plan_course_enrollments'), ({learning_plan_id: plan}) => plan);
  const shown = countBy(truth('channel_assets'), ({channel_id: channel}) => channel);
  const placed = countBy(truth('asset_channels'), ({asset_id: asset}) => asset);
  const submissions = lastSubmissions(truth('survey_answers'));
  const taught = courses.filter(({course_type: type}) => type !== 'elearning');
  const plans = rows('learning_plans').filter(
    plan => plan['assigned_courses_count'] !== 0 && plan['assigned_enrollments_count'] !== 0,
  );
  return new Map<string, Calls>([
    bulk('users', '/manage/v1/user'),
    bulk('user_fields', '/manage/v1/user_fields'),
    bulk('branches', '/manage/v1/orgchart'),
    ['user_branches', perParent(rows('branches'), ({id}) => ['/manage/v1/user', inBranches.get(Number(id))])],
    ['user_field_options', new Map()],
    ['user_managers', new Map()],
    bulk('manager_types', '/manage/v1/managers'),
    [
      'manager_subordinates',
      perParent(
        rows('users').filter(user => user['is_manager']),
        ({user_id: id}) => [`/manage/v1/user/${id}/subordinates`, 1],
      ),
    ],
    bulk('pending_users', '/manage/v1/user'),
    bulk('badges', '/share/v1/gamification/badges'),
    [
      'badge_awards',
      perParent(rows('badges'), ({id}) => [`/share/v1/gamification/${id}/assigned_users`, holders.get(id)]),
    ],
    bulk('leaderboards', '/manage/v1/gamification/leaderboards'),
    ['leaderboard_positions', perParent(rows('leaderboards'), () => ['/manage/v1/gamification/leaderboards', 1])],
    bulk('subscription_bundles', '/learn/v1/sub_bundle'),
    bulk('subscription_plans', '/learn/v1/sub_plan'),
    bulk('subscription_records', '/learn/v1/sub_record'),
    bulk('subscription_seats', '/learn/v1/sub_seat_association'),
    bulk('groups', '/audiences/v1/audience'),
    [
      'group_members',
      perParent(rows('groups'), ({uuid}) => [`/audiences/v1/audience/${uuid}/users`, members.get(uuid)]),
    ],
    bulk('courses', '/learn/v1/courses'),
    bulk('course_fields', '/learn/v1/courses/field'),
    // One list for each node that has nodes below it, the root included.
    [
      'categories',
      new Map([['/learn/v1/categories', 1 + rows('categories').filter(node => node['has_child']).length]]),
    ],
    bulk('course_enrollments', '/course/v1/courses/enrollments'),
    bulk('enrollments', '/learn/v1/enrollments'),
    bulk('enrollments_pending_approval', '/learn/v1/enrollment/pending_users'),
    bulk('enrollment_fields', '/manage/v1/enrollment_fields'),
    ['course_learning_objects', perParent(courses, ({id_course: id}) => [`/learn/v1/courses/${id}/los`, 1])],
    ['course_details', perParent(courses, ({id_course: id}) => [`/learn/v1/courses/${id}`, 1])],
    ...derived,
    ['sessions', perParent(taught, ({id_course: id}) => [`/course/v1/courses/${id}/sessions`, sessions.get(id)])],
    ['session_events', perParent(rows('sessions'), ({id}) => [`/course/v1/sessions/${id}/events`, 1])],
    [
      'session_enrollments',
      perParent(
        rows('sessions').filter(({enrolled}) => enrolled !== '0'),
        ({id, enrolled}) => [`/course/v1/sessions/${id}/enrollments`, Number(enrolled)],
      ),
    ],
    bulk('locations', '/learn/v1/location'),
    bulk('certifications', '/learn/v1/certification'),
    bulk('external_training', '/learn/v1/external_training'),
    bulk('learning_plans', '/learningplan/v1/learningplans'),
    [
      'learning_plan_courses',
      perParent(
        rows('learning_plans').filter(plan => plan['assigned_courses_count'] !== 0),
        ({learning_plan_id: id}) => [`/learningplan/v1/learningplans/${id}/courses`, 1],
      ),
    ],
    bulk('learning_plan_enrollments', '/learningplan/v1/learningplans/enrollments'),
    [
      'learning_plan_course_enrollments',
      perParent(plans, ({learning_plan_id: id}) => [
        `/learningplan/v1/learningplans/${id}/courses/enrollments`,
        planRows.get(id),
      ]),
    ],
    ['reports', new Map([['/analytics/v1/reports', 1]])],
    [
      'survey_answers',
      perParent(rows('polls'), ({id_resource: id}) => [`/learn/v1/survey/${id}/answer`, submissions.get(id)]),
    ],
    bulk('catalogs', '/learn/v1/catalog'),
    ['catalog_items', new Map()],
    // Where the list of channels ends shows only an empty page.
    ['channels', new Map([['/learn/v1/channels', 1 + pagesOf(rows('channels').length)]])],
    ['channel_assets', perParent(rows('channels'), ({id}) => [`/learn/v1/channels/${id}/assets`, shown.get(id)])],
    bulk('assets', '/share/v1/assets'),
    ['asset_channels', perParent(rows('assets'), ({id}) => [`/share/v1/assets/${id}/channels`, placed.get(id)])],
  ]);
}

export function sumCalls(tables: Iterable<Calls>): number {
  let sum = 0;
  for (const calls of tables) for (const count of calls.values()) sum += count;
  return sum;
}

function perParent<T>(parents: readonly T[], ask: (parent: T) => [path: string, rows: number | undefined]): Calls {
  const asked = parents.map(parent => {
    const [path, rows = 0] = ask(parent);
    return new Map([[path, pagesOf(rows)]]);
  });
  return addCalls(asked);
}

/** Lists that differ only in their query have one path. */
export function addCalls(tables: Iterable<Calls>): Calls {
  const sum = new Map<string, number>();
  for (const calls of tables) for (const [path, count] of calls) sum.set(path, (sum.get(path) ?? 0) + count);
  return sum;
}

/** An empty list is asked for once, to know that it is. */
function pagesOf(rows: number): number {
  return Math.max(1, Math.ceil(rows / pageSize));
}

function count(records: Iterable<unknown>): number {
  let sum = 0;
  for (const _ of records) sum += 1;
  return sum;
}

function countBy<T>(records: Iterable<T>, key: (record: T) => unknown): ReadonlyMap<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const record of records) counts.set(key(record), (counts.get(key(record)) ?? 0) + 1);
  return counts;
}

/** The number of the last submission that holds an answer stands for how many there are. */
function lastSubmissions(answers: ReturnType<Truth>): ReadonlyMap<unknown, number> {
  const last = new Map<unknown, number>();
  for (const {poll_id: poll, submission_number: number} of answers) {
    last.set(poll, Math.max(last.get(poll) ?? 0, Number(number)));
  }
  return last;
}
