import {dateText, laterMoment, someMoment} from '../dates.js';
import type {SentRecord} from '../list.js';
import {alter} from '../marks.js';
import {dice} from '../random.js';
import {slug} from '../texts.js';
import {type EnrolmentFacts, statusIds} from './enrolment-facts.js';
import type {Enrolment} from './enrolments.js';
import type {SessionRecords} from './session-records.js';
import type {Users} from './users.js';

/** One enrolment in the shapes the API gives it (tables/API.md#course_enrollments). */
export interface EnrolmentRecords {
  inPlan(enrolment: Enrolment): SentRecord;
  bulk(enrolment: Enrolment, extras: ReadonlySet<string>): SentRecord;
  perCourse(enrolment: Enrolment, extras: ReadonlySet<string>): SentRecord;
  /** As in `GET /learn/v1/enrollments` (tables/API.md#enrollments). */
  learn(enrolment: Enrolment): SentRecord;
}

/** A day without a time, if the course has one; old courses have a zero date instead (tables/API.md#dates). */
function courseDates(seed: number, course: number): SentRecord {
  const die = dice(seed, 'course-dates', course);
  const begins = someMoment(die);
  const day = (seconds: number): string => dateText(seconds).slice(0, 10);
  if (course % 5 !== 2) return {course_begin_date: die.chance(0.1) ? '0000-00-00' : null, course_end_date: null};
  return {course_begin_date: day(begins), course_end_date: day(laterMoment(die, begins, 700))};
}

export function createEnrolmentRecords(
  seed: number,
  users: Users,
  facts: EnrolmentFacts,
  sessions: SessionRecords,
): EnrolmentRecords {
  const listed = (sent: ReturnType<typeof facts.of>, course: number): SentRecord => ({
    user_id: sent.userId,
    username: sent.username,
    course_id: sent.course.id,
    course_uid: sent.course.uid,
    course_code: sent.course.code,
    course_name: sent.course.name,
    course_type: sent.course.type,
    ...courseDates(seed, course),
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
    inPlan: enrolment => listed(facts.of(enrolment), enrolment.course),
    bulk(enrolment, extras) {
      const sent = facts.of(enrolment);
      const record = listed(sent, enrolment.course);
      record['enrollment_validity_begin_datetime'] = sent.beginsAt;
      record['enrollment_validity_end_datetime'] = sent.endsAt;
      record['assignment_type'] = sent.assignment;
      if (extras.has('enrollment_time_spent')) record['enrollment_time_spent'] = sent.seconds;
      return alter(record, enrolment.mark);
    },
    perCourse(enrolment, extras) {
      const sent = facts.of(enrolment);
      const isActive = users.isActive(enrolment.user);
      const {firstName, lastName} = users.person(enrolment.user);
      const record = {
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
      return alter(record, enrolment.mark);
    },
    learn(enrolment) {
      const sent = facts.of(enrolment);
      const dates = courseDates(seed, enrolment.course);
      const die = dice(seed ^ Math.imul(enrolment.course + 1, 0x27d4eb2f), 'enrolment-learn', enrolment.user);
      const record = {
        id: sent.course.id,
        user_id: sent.userId,
        subscribed_by: users.ids.id(0),
        date_last_updated: sent.updatedAt,
        username: sent.username,
        name: sent.course.name,
        slug: slug(sent.course.name),
        complete_percent: sent.percent,
        description: '',
        type: sent.course.type,
        status: sent.status,
        lang_code: 'english',
        code: sent.course.code,
        uidCourse: sent.course.uid,
        course_begin_date: dates['course_begin_date'] ?? '',
        course_end_date: dates['course_end_date'] ?? '',
        enroll_begin_date: sent.beginsAt,
        enroll_date_of_enrollment: sent.enrolledAt,
        enroll_end_date: sent.endsAt,
        course_complete_date: sent.completedAt,
        total_time: sent.seconds,
        score: Math.round(sent.score),
        level: sent.level,
        duration: 60 * die.below(240),
        image_url: `//cdn.example.com/courselogo/${sent.course.id}.jpeg`,
        url: `/learn/courses/${sent.course.id}/${slug(sent.course.name)}`,
        rating_option: 'only_completed',
        rating: die.below(6),
        is_new: false,
        hidden: false,
        soft_deadline: die.chance(0.2),
        can_enter: sent.status !== 'waiting',
        can_enter_reason: sent.status === 'waiting' ? 'waiting' : '',
        ...sessions.enrolled(enrolment),
        // Whether a list or a map is not known (tables/API.md#enrollments).
        enrollment_fields: die.chance(0.8) ? [] : {'1': 'Asked for by the manager'},
        subscription: die.chance(0.9) ? [] : [{subscribed: true, is_active: true}],
        outdated: {total_users: 0, already_marked: false},
      };
      return alter(record, enrolment.mark);
    },
  };
}
