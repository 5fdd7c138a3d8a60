import {dateText, laterMoment, oddDateText, someMoment} from '../dates.js';
import {type List, mapList, type SentRecord} from '../list.js';
import {alter} from '../marks.js';
import {Order, type Place} from '../order.js';
import {dice, type Ids, spreadIds} from '../random.js';
import {html, slug, title} from '../texts.js';
import type {Categories} from './categories.js';
import {courseFields} from './fields.js';
import {fieldValue} from './users.js';

export interface CourseFacts {
  readonly id: number;
  readonly name: string;
  readonly code: string;
  readonly uid: string;
  readonly type: 'elearning' | 'classroom' | 'webinar';
}

export interface Courses {
  readonly count: number;
  readonly ids: Ids;
  /** Of both lists. */
  readonly order: Order;
  /** Those with lists of their own: all, but of the ones that edits insert only those that are opened. */
  readonly indexes: readonly number[];
  open(index: number): void;
  facts(index: number): CourseFacts;
  /** What the catalogue holds of a course. */
  sent(place: Place): SentRecord;
  /** `GET /learn/v1/courses` */
  readonly catalogue: List;
  /** The same where it sends `field_N` too, which is not known of it (tables/API.md#course_field_values). */
  readonly catalogueWithFields: List;
  /** `GET /course/v1/courses`: another schema of the same courses (tables/API.md#courses) */
  readonly managed: List;
  /** Additional fields with their values, as in the detail of a course (tables/API.md#course_field_values). */
  fieldValues(index: number): readonly SentRecord[];
  moments(index: number): {created: number; updated: number};
  created(place: Place): number;
  changed(place: Place): number;
}

interface Counts {
  enrolled(index: number): number;
  sessions(index: number): number;
}

/** One course in nine has no enrolments, and one in ten has sessions. */
export function isEnrolable(index: number): boolean {
  return index % 9 !== 8;
}

export function typeOf(index: number): CourseFacts['type'] {
  if (index % 20 === 3 || index % 20 === 9) return 'classroom';
  return index % 20 === 7 ? 'webinar' : 'elearning';
}

/** How the catalogue calls the dates; it does not say when a course was made. */
export const catalogueDates = {changed: 'date_last_updated'};

export function createCourses(seed: number, count: number, categories: Categories, counts: Counts): Courses {
  const order = new Order({count: () => count});
  const opened = new Set<number>();
  const ids = spreadIds(101, 3, seed, 'course', count, index => opened.has(index));
  const facts = (index: number, mark = order.marks.of(index)): CourseFacts => {
    const die = dice(seed, 'course-facts', index);
    const type = typeOf(index);
    const drawnName = title(die);
    return {
      id: ids.id(index),
      name: mark.name ?? drawnName,
      code: die.chance(0.2) ? '' : `SAMPLE-${die.below(1000)}`,
      uid: `${type === 'elearning' ? 'E' : 'ILT'}-${die.hex(6).toUpperCase()}`,
      type,
    };
  };
  const momentsOf = (index: number, mark = order.marks.of(index)) => {
    const {created, updated} = moments(seed, index);
    return {created: mark.created ?? created, updated: mark.changed ?? updated};
  };
  const catalogued = ({index, mark}: Place): SentRecord => {
    const made = catalogueRecord(seed, index, facts(index, mark), categories);
    return {...made, duration: Number(made['duration']) + mark.touches};
  };
  const sent = (place: Place) => alter(catalogued(place), place.mark, catalogueDates);
  return {
    count,
    ids,
    facts,
    order,
    open: index => opened.add(index),
    get indexes() {
      return [...Array(count).keys(), ...opened].filter(index => !order.lacks(index));
    },
    sent,
    catalogue: mapList(order, sent),
    catalogueWithFields: mapList(order, place =>
      alter({...catalogued(place), ...fieldMembers(seed, place.index)}, place.mark, catalogueDates),
    ),
    managed: mapList(order, ({index, mark}) => {
      const made = managedRecord(seed, index, facts(index, mark), categories, counts);
      const record = {...made, outdated_count: mark.touches, ...fieldMembers(seed, index)};
      return alter(record, mark, {created: 'creation_date', changed: 'last_update'});
    }),
    fieldValues: index => fieldValues(seed, index),
    moments: index => momentsOf(index),
    created: ({index, mark}) => momentsOf(index, mark).created,
    changed: ({index, mark}) => momentsOf(index, mark).updated,
  };
}

function moments(seed: number, index: number): {created: number; updated: number} {
  const die = dice(seed, 'course-moments', index);
  const created = someMoment(die);
  return {created, updated: laterMoment(die, created, 300)};
}

/** `settings` is a text and flags are mixed (tables/API.md#course_field_values). */
function fieldValues(seed: number, index: number): readonly SentRecord[] {
  const die = dice(seed, 'course-fields', index);
  return courseFields.map(({id, title, type, options}) => ({
    id: String(id),
    title,
    type,
    visible_to_user: '1',
    settings: '[]',
    mandatory: false,
    value: fieldValue(die, type, options),
  }));
}

function fieldMembers(seed: number, index: number): SentRecord {
  return Object.fromEntries(fieldValues(seed, index).map(({id, value}) => [`field_${id}`, value]));
}

function catalogueRecord(seed: number, index: number, facts: CourseFacts, categories: Categories): SentRecord {
  const die = dice(seed, 'course-catalogue', index);
  const {created, updated} = moments(seed, index);
  const isAffiliate = index % 8 === 5;
  return {
    id_course: facts.id,
    name: facts.name,
    uidCourse: facts.uid,
    description: html(die),
    date_last_updated: dateText(updated),
    course_type: facts.type,
    selling: die.chance(0.1),
    code: facts.code,
    slug_name: slug(facts.name),
    image: die.chance(0.4) ? '' : `//cdn.example.com/courselogo/${facts.id}.jpeg`,
    duration: die.below(10_000),
    language: 'en',
    language_label: 'English',
    multi_languages: [],
    price: die.chance(0.8) ? '0' : '19.90',
    is_new: die.chance(0.2) ? '1' : '0',
    is_opened: die.chance(0.9) ? '1' : '0',
    rating_option: 'only_completed',
    current_rating: die.below(6),
    credits: die.below(8) / 4,
    img_url: '',
    can_rate: false,
    can_self_unenroll: die.chance(0.3),
    start_date: die.chance(0.7) ? '' : oddDateText(die, created),
    end_date: die.chance(0.8) ? '' : oddDateText(die, created + 31_536_000),
    category: categories.some(index),
    enrollment_policy: die.below(3),
    max_attempts: die.chance(0.5) ? null : die.below(5),
    available_seats: [{[String(facts.id)]: die.chance(0.7) ? null : die.below(40)}],
    is_affiliate: isAffiliate,
    partner_fields: isAffiliate ? {vendor: 'ACME'} : null,
    partner_data: isAffiliate ? [{id: 1, name: 'ACME Learning'}] : [],
    affiliate_price: isAffiliate ? '14.90' : null,
  };
}

function managedRecord(
  seed: number,
  index: number,
  facts: CourseFacts,
  categories: Categories,
  counts: Counts,
): SentRecord {
  const die = dice(seed, 'course-managed', index);
  const {created, updated} = moments(seed, index);
  const isRetired = index % 6 === 4;
  const published = !isRetired && die.chance(0.85);
  const record: SentRecord = {
    id: facts.id,
    code: facts.code,
    uidCourse: facts.uid,
    title: facts.name,
    type: facts.type,
    language: 'en',
    language_label: 'English',
    is_deleted: false,
    course_status: published ? 'published' : 'in_maintenance',
    creation_date: oddDateText(die, created),
    published,
    category_name: categories.some(index).name,
    users_without_session_count: '0',
    decommissioned_at: isRetired ? dateText(laterMoment(die, updated, 100)) : null,
    removed_at: index % 12 === 4 ? dateText(laterMoment(die, updated, 200)) : null,
    last_update: dateText(updated),
    created_by: 'Jane Doe',
    has_esignature_enabled: die.chance(0.1),
    outdated_count: 0,
    imported_from_content_marketplace: die.chance(0.05),
    average_completion_time: String(die.below(7200)),
    waiting_list: 0,
    enrolled_count: counts.enrolled(index),
    slug_name: slug(facts.name),
    actions: ['enroll', 'edit', 'reports', 'delete', 'duplicate'],
  };
  // absent when unset, not null (tables/API.md#courses)
  if (die.chance(0.6)) record['thumbnail'] = `//cdn.example.com/courselogo/${facts.id}.jpeg`;
  if (facts.type !== 'elearning') {
    record['start_date'] = oddDateText(die, created);
    record['end_date'] = oddDateText(die, updated);
    record['sessions_count'] = counts.sessions(index);
    record['session_waiting_list'] = 0;
  }
  return record;
}
