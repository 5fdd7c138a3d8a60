import {dateText} from '../dates.js';
import {iterate, type SentRecord} from '../list.js';
import {alter} from '../marks.js';
import {dice} from '../random.js';
import {html, sentence, slug} from '../texts.js';
import type {Categories} from './categories.js';
import type {CourseFacts, Courses} from './courses.js';
import {describeInstructor, type SessionRecords} from './session-records.js';
import type {Users} from './users.js';

interface Parts {
  readonly users: Users;
  readonly courses: Courses;
  readonly categories: Categories;
  readonly sessions: SessionRecords;
}

/** `GET /learn/v1/courses/{id}` (tables/API.md#course_details). */
export function createCourseDetails(seed: number, {users, courses, categories, sessions}: Parts) {
  return (course: number): SentRecord => {
    const die = dice(seed, 'course-detail', course);
    const {id, name, code, uid, type} = courses.facts(course);
    const {mark} = courses.order.place(course);
    const {created, updated} = courses.moments(course);
    const instructors = [...new Set(Array.from({length: die.below(3)}, () => die.below(users.count)))];
    const hasThumbnail = die.chance(0.3);
    const record = {
      id,
      name,
      code,
      uidCourse: uid,
      provider: 0,
      slug_name: slug(name),
      description: html(die),
      short_description: die.chance(0.5) ? '' : sentence(die),
      credits: (die.below(8) / 4).toFixed(2),
      lang_code: 'english',
      lang_label: 'English',
      type,
      is_published: die.chance(0.85),
      status: 'non_subscribed',
      status_identifier: null,
      certificate_url: '',
      instructors: instructors.map(user => describeInstructor(users, user)),
      rating_option: 'only_completed',
      current_rating: die.below(6),
      is_rated: false,
      ratings_count: die.below(40),
      has_autoplay: die.chance(0.5),
      course_date_start: course % 5 !== 0 ? null : dateText(created),
      course_date_end: course % 5 !== 0 ? null : dateText(created + 31_536_000),
      enrollment_date_start: course % 5 !== 0 ? null : dateText(created),
      enrollment_date_end: course % 5 !== 0 ? null : dateText(created + 15_768_000),
      last_completed_object: null,
      chapter_sequence: [],
      tree: [],
      duration: die.below(240) + mark.touches,
      price: 0,
      background_image: {url: null, aspect_ratio: 'tile'},
      thumbnail: hasThumbnail ? `//cdn.example.com/courselogo/${id}.jpeg` : '',
      flat_los: [],
      additional_fields: courses.fieldValues(course),
      enter_status: {status: 'locked', price: ''},
      can_self_unenroll: false,
      can_self_enroll: die.chance(0.5),
      can_session_change: type !== 'elearning',
      can_session_self_unenroll: false,
      deeplink: die.chance(0.2),
      demo_file_type: '',
      level: null,
      shopify_product_meaningful_id: course % 10 !== 1 ? null : `SHOP-${id}`,
      learningplans: [],
      on_sale: false,
      has_overview: die.chance(0.3),
      show_toc: true,
      show_lightbox_nav: false,
      social_settings: [],
      final_score: null,
      available_seats: null,
      allow_overbooking: die.chance(0.1) ? '1' : '0',
      can_enter: true,
      can_rate: false,
      html_page_css: '',
      enrolled: {is_enrolled: false},
      can_manage_course: true,
      in_soft_deadline: false,
      waiting_list: 0,
      category: categories.some(course),
      enrollment_policy: die.below(3),
      max_attempts: null,
      skills: die.chance(0.7) ? [] : [{id: 1 + die.below(20), title: 'Negotiation'}],
      self_unenrollment_settings: {
        allow_self_unenrollment_from_course: false,
        allow_self_unenrollment_from_completed_course: true,
      },
      is_self_enrollment_available: die.chance(0.7),
      course_thumbnail: hasThumbnail ? {id: 300 + course, filename: `${id}.jpeg`, width: 800, height: 400} : null,
      is_affiliate: course % 8 === 5,
      partner_data: course % 8 === 5 ? [describePartner(users, updated)] : [],
      max_attempts_reached: false,
      ...(type !== 'elearning' && {sessions: shapeSessions(type, [...iterate(sessions.detailed(course))])}),
    };
    return alter(record, mark);
  };
}

/** A list or a map by id: which of the two is not known, so here both occur. PHP writes an empty map as a list. */
function shapeSessions(type: CourseFacts['type'], sessions: readonly SentRecord[]): unknown {
  if (type === 'webinar' || sessions.length === 0) return sessions;
  return Object.fromEntries(sessions.map(session => [String(session['id_session']), session]));
}

function describePartner(users: Users, updated: number): SentRecord {
  return {
    id: 1,
    referral_id: 'ACME-1',
    name: 'ACME Learning',
    description: 'Sells what we teach.',
    city: 'Springfield',
    state: 'Oregon',
    country: 'US',
    address: '1 Main Street',
    phone: '+1 555 0100',
    email: 'partner@example.com',
    website: 'https://acme.example.com',
    discount: '10.00',
    affiliate_code: 'ACME10',
    enable_affiliate: true,
    catalog_visible: true,
    course_visible: true,
    active: true,
    updated_at: dateText(updated),
    updated_by: users.ids.id(0),
    logo_full_path: '//cdn.example.com/partner/1.png',
  };
}
