import {dateText, someMoment} from '../dates.js';
import {chainLists, iterate, type List, lazyList, listOf, mapList, type SentRecord} from '../list.js';
import {dice, uuid} from '../random.js';
import type {Branches} from './branches.js';
import type {Courses} from './courses.js';
import type {EnrolmentRecords} from './enrolment-records.js';
import type {Enrolment, Enrolments} from './enrolments.js';
import {courseFields, userFields} from './fields.js';
import type {LearningPlans} from './learning-plans.js';
import type {SessionRecords} from './session-records.js';
import type {Users} from './users.js';

/** A column of a report, as the rows of `results` and as the file of `download` call it. */
type Heading = readonly [name: string, heading: string];

export interface Report {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly headings: readonly Heading[];
  /** As in the list of reports. */
  readonly listed: SentRecord;
  /** As in `results`. Made when it is first asked for. */
  readonly rows: List;
}

/** What the reports are about. */
interface Source {
  readonly users: Users;
  readonly branches: Branches;
  readonly courses: Courses;
  readonly enrolments: Enrolments;
  readonly enrolmentRecords: EnrolmentRecords;
  readonly sessionRecords: SessionRecords;
  readonly certifications: List;
  readonly learningPlans: LearningPlans;
}

interface Made extends Pick<Report, 'name' | 'type' | 'headings'> {
  readonly rows: () => List;
}

/** The reports that an administrator has made. All of them follow from the tenant's other lists. */
export function createReports(seed: number, source: Source): readonly Report[] {
  const makers = [usersReport, coursesReport, archiveReport, awardsReport, sessionsReport, plansReport];
  return makers.map((make, index) => {
    const {rows, ...named} = make(source, seed);
    const id = uuid(dice(seed, 'report', index));
    const inOrder = (row: SentRecord) => Object.fromEntries(named.headings.map(([name]) => [name, toText(row[name])]));
    let made: List | undefined;
    return {
      id,
      ...named,
      listed: listedRecord(id, named, index % source.users.count, source.users),
      get rows() {
        made ??= mapList(rows(), inOrder);
        return made;
      },
    };
  });
}

/** All values are text, and what is empty is an empty one (tables/API.md#report-exports). */
function toText(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

/** Whether `userId` is a text is not known (tables/API.md#reports). */
function listedRecord(id: string, {name, type}: Pick<Report, 'name' | 'type'>, user: number, users: Users): SentRecord {
  const {firstName, lastName} = users.person(user);
  return {
    idReport: id,
    reportName: name,
    type,
    userId: String(users.ids.id(user)),
    firstname: firstName,
    lastname: lastName,
    createdBy: `${firstName} ${lastName}`,
    creationDate: dateText(someMoment(dice(0, 'report-made', user))),
  };
}

/** Columns as in tables/API.md#report-columns. */
const userBlock: readonly Heading[] = [
  ['user_userid', 'Username'],
  ['user_firstname', 'First Name'],
  ['user_lastname', 'Last Name'],
  ['user_email', 'Email'],
  ['user_branches', 'Branch Name'],
  ['user_branch_paths', 'Branch path'],
  ['user_valid', 'Deactivated'],
  ['user_manager', 'Direct Manager'],
  ['user_level', 'User Level'],
  ['user_register_date', 'User Creation Date'],
];

const levels: Readonly<Record<string, string>> = {godadmin: 'Superadmin', power_user: 'Power User', user: 'User'};

/** Of a user who is in several branches, one cell names them all. What is between them is not known. */
function userCells({users, branches}: Source, position: number): SentRecord {
  const user = users.list.at(position);
  const nodes = branches.nodesOf(users.order.at(position).index).map(node => branches.path(node));
  const managers = Object.values({...(user['manager_names'] ?? {})}) as readonly SentRecord[];
  return {
    user_userid: user['username'],
    user_firstname: user['first_name'],
    user_lastname: user['last_name'],
    user_email: user['email'],
    user_branches: nodes.map(path => path.at(-1)).join(', '),
    user_branch_paths: nodes.map(path => path.join(' > ')).join(', '),
    user_valid: user['status'] === '1' ? 'No' : 'Yes',
    user_manager: managers[0]?.['manager_name'],
    user_level: levels[String(user['level'])],
    user_register_date: user['creation_date'],
  };
}

function additional(sent: SentRecord, prefix: string, fields: readonly {readonly id: number}[]): SentRecord {
  return Object.fromEntries(fields.map(({id}) => [`${prefix}_${id}_value`, sent[`field_${id}`]]));
}

function usersReport(source: Source): Made {
  const {users} = source;
  return {
    name: 'All users, with branches',
    type: 'Users',
    headings: [
      ...userBlock,
      ['user_language', 'Language'],
      ['user_timezone', 'Time Zone'],
      ...userFields.map(({id, title}): Heading => [`field_${id}_value`, title]),
    ],
    rows: () =>
      lazyList(users.list.length, position => {
        const user = users.list.at(position);
        return {
          ...userCells(source, position),
          user_language: user['language'],
          user_timezone: user['timezone'],
          ...additional(user, 'field', userFields),
        };
      }),
  };
}

const courseBlock: readonly Heading[] = [
  ['course_name', 'Course Name'],
  ['course_code', 'Course code'],
  ['course_uidcourse', 'Course Unique ID'],
  ['course_idcourse', 'Course Internal ID'],
  ['course_type', 'Course Type'],
];

function courseCells({courses}: Source, course: number): SentRecord {
  const {name, code, uid, id, type} = courses.facts(course);
  return {course_name: name, course_code: code, course_uidcourse: uid, course_idcourse: id, course_type: type};
}

const enrolmentBlock: readonly Heading[] = [
  ['enrollment_level', 'User Course Level'],
  ['enrollment_status', 'Course Enrollment Status'],
  ['enrollment_date_inscr', 'Enrollment Date'],
  ['enrollment_date_complete', 'Completion Date'],
  ['enrollment_course_completion_percentage', 'Course Progress (%)'],
  ['enrollment_score_given', 'Final Score'],
  ['enrollment_total_time_in_course', 'Training Material Time (sec)'],
  ['enrollment_archived', 'Archived Enrollment (Yes / No)'],
  ['enrollment_archived_at', 'Archive Date'],
];

const statusLabels: Readonly<Record<string, string>> = {
  enrolled: 'Enrolled',
  in_progress: 'In Progress',
  completed: 'Completed',
  waiting: 'Waiting List',
};

function enrolmentCells(source: Source, enrolment: Enrolment): SentRecord {
  const {courses, enrolmentRecords} = source;
  const sent = enrolmentRecords.bulk(enrolment, new Set(['enrollment_time_spent']));
  const status = String(sent['enrollment_status']);
  return {
    ...userCells(source, enrolment.user),
    ...courseCells(source, enrolment.course),
    ...additional(courses.managed.at(enrolment.course), 'course_field', courseFields),
    enrollment_level: sent['enrollment_level'],
    enrollment_status: statusLabels[status] ?? status,
    enrollment_date_inscr: sent['enrollment_created_at'],
    enrollment_date_complete: sent['enrollment_completion_date'],
    enrollment_course_completion_percentage: status === 'completed' ? 100 : 0,
    enrollment_score_given: sent['enrollment_score'],
    enrollment_total_time_in_course: sent['enrollment_time_spent'],
    enrollment_archived: 'No',
  };
}

function coursesReport(source: Source): Made {
  const additionalBlock = courseFields.map(({id, title}): Heading => [`course_field_${id}_value`, title ?? '']);
  return {
    name: 'Users – Courses',
    type: 'Users - Courses',
    headings: [...userBlock, ...courseBlock, ...additionalBlock, ...enrolmentBlock],
    rows: () => mapList(source.enrolments.all, enrolment => enrolmentCells(source, enrolment)),
  };
}

/** What no list gives: the enrolments before the present ones, of users who had to take a course again. */
function archiveReport(source: Source, seed: number): Made {
  const {all} = source.enrolments;
  return {
    name: 'Archived enrolments',
    type: 'Users - Courses',
    headings: [...userBlock, ...courseBlock, ...enrolmentBlock],
    rows: () =>
      lazyList(Math.floor(all.length / 7), index => {
        const die = dice(seed, 'archived-enrolment', index);
        const archived = someMoment(die);
        return {
          ...enrolmentCells(source, all.at(7 * index + 3)),
          enrollment_status: 'Completed',
          enrollment_date_inscr: dateText(archived - 31_536_000),
          enrollment_date_complete: dateText(archived - die.below(31_536_000)),
          enrollment_course_completion_percentage: 100,
          enrollment_archived: 'Yes',
          enrollment_archived_at: dateText(archived),
        };
      }),
  };
}

const seconds: Readonly<Record<string, number>> = {day: 86_400, month: 2_592_000, year: 31_536_000};

/** Certificates that were awarded, with the day on which they expire; those whose duration is 0 never do. */
function awardsReport({users, courses, certifications}: Source, seed: number): Made {
  return {
    name: 'Certificates',
    type: 'User Awards',
    headings: [
      ['username', 'Username'],
      ['full_name', 'Full Name'],
      ['certification_title', 'Certification Title'],
      ['certification_code', 'Certification Code'],
      ['certification_duration', 'Certification Duration'],
      ['certification_status', 'Certification Status'],
      ['completed_activity', 'Completed Activity'],
      ['issued_on', 'Issued on'],
      ['to_renew_in', 'To renew in'],
    ],
    rows: () =>
      chainLists(
        Uint32Array.from({length: users.count}, (_, user) => user % 3),
        (user, place) => {
          const die = dice(seed ^ user, 'award', place);
          const {title, code, duration, duration_unit: unit} = certifications.at(die.below(certifications.length));
          const {firstName, lastName, username} = users.person(user);
          const issued = someMoment(die);
          const expires = issued + Number(duration) * (seconds[String(unit)] ?? 0);
          return {
            username,
            full_name: `${firstName} ${lastName}`,
            certification_title: title,
            certification_code: code,
            certification_duration: duration === '0' ? 'Never expires' : `${duration} ${unit}`,
            certification_status: duration === '0' || die.chance(0.7) ? 'Active' : 'Expired',
            completed_activity: courses.facts(die.below(courses.count)).name,
            issued_on: dateText(issued).slice(0, 10),
            to_renew_in: duration === '0' ? '' : dateText(expires).slice(0, 10),
          };
        },
      ),
  };
}

const eventHours = 7;
const attendanceLabels: Readonly<Record<string, string>> = {present: 'Attended', absent: 'Absent'};

/** One row for each event of the session that a user is in. */
function sessionsReport(source: Source): Made {
  return {
    name: 'Users – ILT sessions',
    type: 'Users - Sessions',
    headings: [
      ...userBlock,
      ...courseBlock,
      ['session_name', 'Session Name'],
      ['session_id', 'Session Internal ID'],
      ['session_date_begin', 'Session Start Date'],
      ['session_date_end', 'Session End Date'],
      ['event_name', 'Event Name'],
      ['event_date', 'Event Date'],
      ['event_timezone', 'Event Time Zone'],
      ['event_attendance_status', 'Event Attendance (Status)'],
      ['event_attendance_hours', 'Event Attendance (Hours)'],
    ],
    rows: () => listOf([...eventRows(source)]),
  };
}

function* eventRows(source: Source): Generator<SentRecord> {
  for (const enrolment of iterate(source.enrolments.all)) {
    const sessions = source.sessionRecords.enrolled(enrolment)['enrolled_sessions'] as readonly SentRecord[];
    for (const session of sessions) {
      for (const event of session['dates'] as readonly SentRecord[]) {
        const status = String(event['attendance_status'] ?? '');
        yield {
          ...userCells(source, enrolment.user),
          ...courseCells(source, enrolment.course),
          session_name: session['name'],
          session_id: session['id'],
          session_date_begin: session['date_begin'],
          session_date_end: session['date_end'],
          event_name: event['name'],
          event_date: event['date'],
          event_timezone: event['timezone'],
          event_attendance_status: attendanceLabels[status],
          event_attendance_hours: status === 'present' ? eventHours.toFixed(2) : '0.00',
        };
      }
    }
  }
}

function plansReport({users, learningPlans}: Source): Made {
  const extras = new Set(['enrollment_status', 'enrollment_completion_date', 'enrollment_completion_percentage']);
  return {
    name: 'Users – Learning plans',
    type: 'Users - Learning Plans',
    headings: [
      ['user_userid', 'Username'],
      ['user_full_name', 'Full Name'],
      ['lp_name', 'Learning Plan Name'],
      ['lp_code', 'Learning Plan Code'],
      ['lp_enroll_date_of_enrollment', 'Enrollment Date'],
      ['lp_status', 'Learning Plan Enrollment Status'],
      ['lp_date_complete', 'Completion Date'],
      ['lp_completion_percentage', 'Completion Percentage'],
    ],
    rows: () =>
      mapList(learningPlans.enrolments(extras), sent => {
        const {firstName, lastName} = users.person(users.ids.index(Number(sent['user_id'])) ?? 0);
        return {
          user_userid: sent['username'],
          user_full_name: `${firstName} ${lastName}`,
          lp_name: sent['learning_plan_name'],
          lp_code: sent['learning_plan_code'],
          lp_enroll_date_of_enrollment: sent['enrollment_created_at'],
          lp_status: sent['enrollment_status'],
          lp_date_complete: sent['enrollment_completion_date'],
          lp_completion_percentage: sent['enrollment_completion_percentage'],
        };
      }),
  };
}
