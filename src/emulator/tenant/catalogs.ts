import {dateText, oddDateText, someMoment} from '../dates.js';
import {joinLists, type List, lazyList, mapList, type SentRecord} from '../list.js';
import {type Dice, dice, type Ids, spreadIds} from '../random.js';
import {html, slug, title} from '../texts.js';
import type {Categories} from './categories.js';
import type {Courses} from './courses.js';
import type {LearningPlans} from './learning-plans.js';

export interface Catalogs {
  readonly count: number;
  readonly ids: Ids;
  /** Without its items. */
  record(index: number): SentRecord;
  /** Courses and learning plans of a catalog. */
  itemsOf(index: number): List;
}

const mostCourses = 240;

export function createCatalogs(seed: number, courses: Courses, plans: LearningPlans, categories: Categories): Catalogs {
  const count = Math.min(250, Math.max(4, Math.round(courses.count / 15)));
  const ids = spreadIds(5, 3, seed, 'catalog', count);
  /** The first catalog is the largest, and the last one is empty. */
  const itemsOf = (index: number): List => {
    if (index === count - 1) return lazyList(0, () => ({}));
    const most = Math.ceil(Math.min(mostCourses, courses.count) / (index + 1) ** 0.7);
    const first = dice(seed, 'catalog-items', index).below(courses.count - most + 1);
    const taught = lazyList(most, place => courseItem(seed, first + place, courses, categories));
    const paths = lazyList(index % 3 === 0 ? Math.min(3, plans.list.length) : 0, place => plans.list.at(place));
    return joinLists(
      taught,
      mapList(paths, plan => planItem(seed, plan)),
    );
  };
  return {
    count,
    ids,
    record: index => {
      const die = dice(seed, 'catalog', index);
      const {length} = itemsOf(index);
      return {
        catalogue_id: ids.id(index),
        catalogue_name: title(die),
        catalogue_description: html(die),
        catalogue_code: die.chance(0.3) ? '' : `CAT-${index}`,
        catalogue_sort_attr: die.pick(['item_id', 'item_name']),
        catalogue_sort_dir: die.pick(['asc', 'desc']),
        number_items: length,
        items_count: String(length),
      };
    },
    itemsOf,
  };
}

/** Members as in tables/API.md#catalog_items: most numbers are strings. */
function courseItem(seed: number, index: number, courses: Courses, categories: Categories): SentRecord {
  const {id, name, code, type} = courses.facts(index);
  const die = dice(seed, 'catalog-course', index);
  const isAffiliate = index % 8 === 5;
  return {
    item_id: String(id),
    item_type: 'learning_course_type',
    item_type_int: '1',
    ...texts(die, name, code),
    item_category: String(categories.some(index).id),
    item_language: 'english',
    item_language_code: 'en',
    item_language_label: 'English',
    item_price: die.chance(0.8) ? '0.00' : '19.90',
    item_rating: die.below(11) / 2,
    item_rating_option: 'only_completed',
    ...access(die),
    is_opened: die.chance(0.9) ? '1' : '0',
    access_status: 1 + die.below(3),
    price_status: die.chance(0.8) ? 1 : 2,
    affiliate_price: isAffiliate ? '14.90' : null,
    is_affiliate: isAffiliate,
    partner_fields: isAffiliate ? {vendor: 'ACME'} : null,
    course_type: type,
    duration: String(die.below(10_000)),
    number_of_courses: null,
    is_user_enrolled: die.chance(0.5) ? '0' : '1',
    is_user_subscribed: 0,
    waiting: false,
    item_create_date: dateText(someMoment(die)),
    item_date_end: die.chance(0.8) ? '0000-00-00 00:00:00' : oddDateText(die, someMoment(die)),
  };
}

/** What concerns courses alone is null or absent for plans. */
function planItem(seed: number, plan: SentRecord): SentRecord {
  const {learning_plan_id: id, title, code, assigned_courses_count: count} = plan;
  const die = dice(seed, 'catalog-plan', Number(id));
  return {
    item_id: String(id),
    item_type: 'learning_plan',
    item_type_int: '2',
    ...texts(die, String(title), String(code)),
    item_category: null,
    item_language: null,
    item_price: '0.00',
    item_rating: null,
    ...access(die),
    is_opened: null,
    access_status: null,
    price_status: null,
    number_of_courses: count,
    is_user_enrolled: null,
    item_create_date: dateText(someMoment(die)),
  };
}

function texts(die: Dice, name: string, code: string): SentRecord {
  return {
    item_code: code,
    item_name: name,
    item_slug: slug(name),
    item_description: html(die),
    item_thumbnail: die.chance(0.5) ? '' : 'https://cdn.example.com/item.png',
  };
}

function access(die: Dice): SentRecord {
  return {
    is_new: die.chance(0.2),
    item_visibility: String(die.below(3)),
    item_policy: String(die.below(3)),
    item_can_enroll: String(die.below(3)),
  };
}
