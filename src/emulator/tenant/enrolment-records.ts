import {dateText, impossibleDate, laterMoment, oddDateText, someMoment, touchedText, zeroDate} from '../dates.js';
import type {SentRecord} from '../list.js';
import {dice} from '../random.js';
import {slug} from '../texts.js';
import type {Courses} from './courses.js';
import type {Enrolment} from './enrolments.js';
import type {Users} from './users.js';

/** One enrolment in the shapes the API gives it (tables/API.md#course_enrollments). */
export interface EnrolmentRecords {
  level(enrolment: Enrolment): 'student' | 'instructor';
  inPlan(enrolment: Enrolment): SentRecord;
  bulk(enrolment: Enrolment, extras: ReadonlySet<string>): SentRecord;
  perCourse(enrolment: Enrolment, extras: ReadonlySet<string>): SentRecord;
  learn(enrolment: Enrolment): SentRecord;
}

const statuses = ['subscribed', 'in_progress', 'completed', 'completed', 'waiting'] as const;
const statusIds = {subscribed: 0, in_progress: 1, completed: 2, waiting: -2} as const;

/** A day without a time, if the course has one; old courses have a zero date instead (tables/API.md#dates). */
function courseDates(seed: number, course: number): SentRecord {
  const die = dice(seed, 'course-dates', course);
  const begins = someMoment(die);
  const day = (seconds: number): string => dateText(seconds).slice(0, 10);
  if (course % 5 !== 2) return {course_begin_date: die.chance(0.1) ? '0000-00-00' : null, course_end_date: null};
  return {course_begin_date: day(begins), course_end_date: day(laterMoment(die, begins, 700))};
}

export function createEnrolmentRecords(seed: number, users: Users, courses: Courses): EnrolmentRecords {
  const dieOf = (kind: string, {user, course}: Enrolment) => dice(seed ^ Math.imul(course + 1, 0x27d4eb2f), kind, user);
  // Drawn separately, because lists are filtered by it: the other facts cost as much as the whole record.
  const level = (enrolment: Enrolment) => (dieOf('enrolment-level', enrolment).chance(0.03) ? 'instructor' : 'student');
  const facts = (enrolment: Enrolment) => {
    const {user, course, touches} = enrolment;
    const die = dieOf('enrolment-facts', enrolment);
    const status = die.pick(statuses);
    const enrolled = someMoment(die);
    const updated = laterMoment(die, enrolled, 200);
    return {
      userId: users.ids.id(user),
      username: users.username(user),
      course: courses.facts(course),
      courseIndex: course,
      status,
      level: level(enrolment),
      enrolledAt: oddDateText(die, enrolled),
      updatedAt: touches > 0 ? touchedText(touches) : dateText(updated),
      completedAt: status === 'completed' ? (oddDateText(die, updated) ?? zeroDate) : null,
      beginsAt: die.chance(0.9) ? null : oddDateText(die, enrolled),
      endsAt: die.chance(0.9) ? null : die.chance(0.05) ? impossibleDate : oddDateText(die, enrolled + 7_776_000),
      // Not every list has the date of the change, so the score shows it too.
      score: (status === 'completed' ? die.below(1001) / 10 : 0) + touches,
      seconds: die.below(20_000),
      assignment: die.pick(['mandatory', 'optional', null]),
    };
  };
  const listed = (sent: ReturnType<typeof facts>): SentRecord => ({
    user_id: sent.userId,
    username: sent.username,
    course_id: sent.course.id,
    course_uid: sent.course.uid,
    course_code: sent.course.code,
    course_name: sent.course.name,
    course_type: sent.course.type,
    ...courseDates(seed, sent.courseIndex),
    enrollment_level: sent.level,
    enrollment_status: sent.status,
    enrollment_created_by: users.ids.id(0),
    enrollment_created_at: sent.enrolledAt,
    enrollment_validity_begin_date: sent.beginsAt,
    enrollment_validity_end_date: sent.endsAt,
    enrollment_date_last_updated: sent.updatedAt,
    enrollment_completion_date: sent.completedAt,
    enrollment_score: sent.score,
  });
  return {
    level,
    inPlan: enrolment => listed(facts(enrolment)),
    bulk(enrolment, extras) {
      const sent = facts(enrolment);
      const record = listed(sent);
      // Seen in one excerpt of this list, and known of the list of plans (tables/API.md#course_enrollments).
      record['enrollment_validity_begin_datetime'] = sent.beginsAt;
      record['enrollment_validity_end_datetime'] = sent.endsAt;
      record['assignment_type'] = sent.assignment;
      if (extras.has('enrollment_time_spent')) record['enrollment_time_spent'] = sent.seconds;
      return record;
    },
    perCourse(enrolment, extras) {
      const sent = facts(enrolment);
      const isActive = users.isActive(enrolment.user);
      const {firstName, lastName} = users.person(enrolment.user);
      return {
        course_id: sent.course.id,
        user_id: sent.userId,
        username: sent.username,
        email: sent.username,
        first_name: firstName,
        last_name: lastName,
        level: sent.level,
        level_id: sent.level === 'student' ? 3 : 6,
        enrollment_date: sent.enrolledAt,
        active_from: sent.beginsAt,
        active_until: sent.endsAt,
        status: sent.status,
        status_id: statusIds[sent.status],
        user_status: isActive ? 'active' : 'suspended',
        user_status_id: isActive ? 1 : 0,
        score_given: sent.score,
        ...(extras.has('enrollment_status') && {enrollment_status: sent.status}),
        ...(extras.has('enrollment_completion_date') && {enrollment_completion_date: sent.completedAt}),
        ...(extras.has('enrollment_date_last_updated') && {enrollment_date_last_updated: sent.updatedAt}),
        ...(extras.has('enrollment_time_spent') && {enrollment_time_spent: sent.seconds}),
      };
    },
    learn(enrolment) {
      const sent = facts(enrolment);
      return {
        id: sent.course.id,
        user_id: sent.userId,
        subscribed_by: users.ids.id(0),
        date_last_updated: sent.updatedAt,
        username: sent.username,
        name: sent.course.name,
        slug: slug(sent.course.name),
        complete_percent: sent.status === 'completed' ? 100 : 0,
        description: '',
        type: sent.course.type,
        status: sent.status === 'subscribed' ? 'enrolled' : sent.status,
        lang_code: 'english',
        code: sent.course.code,
        uidCourse: sent.course.uid,
        course_begin_date: '',
        course_end_date: '',
        enroll_begin_date: sent.beginsAt,
        enroll_date_of_enrollment: sent.enrolledAt,
        enroll_end_date: sent.endsAt,
        course_complete_date: sent.completedAt,
        total_time: sent.seconds,
        score: Math.round(sent.score),
        level: sent.level,
        rating: 0,
        is_new: false,
        can_enter: true,
        enrolled_sessions: [],
        enrollment_fields: [],
        subscription: [],
        outdated: {total_users: 0, already_marked: false},
      };
    },
  };
}
