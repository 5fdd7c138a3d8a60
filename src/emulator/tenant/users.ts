import {dateText, laterMoment, oddDateText, parseDate, someMoment} from '../dates.js';
import {type List, mapList, type SentRecord} from '../list.js';
import {alter} from '../marks.js';
import {Order, type Place} from '../order.js';
import {type Dice, dice, type Ids, spreadIds, uuid} from '../random.js';
import {city, firstName, lastName, sentence, slug} from '../texts.js';
import type {Branches} from './branches.js';
import {branchField, userFields} from './fields.js';

export interface Users {
  readonly count: number;
  readonly ids: Ids;
  readonly list: List;
  readonly order: Order;
  sent(place: Place): SentRecord;
  /** What the list holds of a user, wherever in it. */
  record(index: number): SentRecord;
  /** When the user was made and last changed. NaN for what is no date. */
  created(place: Place): number;
  changed(place: Place): number;
  username(index: number): string;
  isActive(index: number): boolean;
  person(index: number): Person;
  /** Those who have the user for their direct manager, by index. */
  reportsOf(index: number): readonly number[];
}

interface Person {
  firstName: string;
  lastName: string;
  username: string;
}

interface Team {
  readonly isManager: boolean;
  /** By the number of their kind (tables/API.md#user_managers). */
  readonly managers: Readonly<Record<string, SentRecord>> | readonly [];
  /** Active users below. */
  readonly size: number;
}

const timezones = ['Europe/Rome', 'America/New_York', 'Asia/Kolkata', 'UTC', ''];
const languages = [
  ['English', 'english'],
  ['French', 'french'],
  ['Japanese', 'japanese'],
] as const;

const roles = [
  [null, null],
  [3, 'Sales engineer'],
  [4, 'Service technician'],
  [8, 'Team lead'],
] as const;

/** How the list calls the dates. */
export const userDates = {created: 'creation_date', changed: 'last_update'};

export function createUsers(seed: number, count: number, branches: Pick<Branches, 'codeOf'>): Users {
  const order = new Order({count: () => count});
  // Enrolments that edits insert are those of users whom no list of users holds.
  const ids = spreadIds(12_000, 2, seed, 'user', count, () => true);
  const person = (index: number): Person => {
    const die = dice(seed, 'person', index);
    const first = firstName(die);
    const last = lastName(die);
    return {firstName: first, lastName: last, username: `${slug(`${first} ${last}`)}.${index}@example.com`};
  };
  const nameDirect = nameManagers(directManager.title, ids, person);
  const nameMentor = nameManagers(mentor.title, ids, person);
  const managersOf = (index: number): Team['managers'] => {
    const rank = rankOf(index);
    // PHP writes an empty map as a list.
    if (rank === 100) return index % 200 === 0 ? [] : {[directManager.id]: nobody};
    return {
      [directManager.id]: nameDirect(index - (index % (rank * 10))),
      ...(index % 7 === 3 && {[mentor.id]: nameMentor(index - (index % 100))}),
    };
  };
  const teamOf = (index: number): Team => {
    const rank = rankOf(index);
    return {
      isManager: rank > 1,
      managers: managersOf(index),
      size: reportsOf(index, count).filter(report => isActive(seed, report)).length,
    };
  };
  const sent = ({index, mark}: Place): SentRecord => {
    const made = userRecord(seed, index, ids.id(index), person(index), branches.codeOf(index), teamOf(index));
    const logged = Number(made['currently_logged_users_count']) + mark.touches;
    return alter({...made, currently_logged_users_count: logged}, mark, userDates);
  };
  return {
    count,
    ids,
    person,
    order,
    sent,
    record: index => sent(order.place(index)),
    created: ({index, mark}) => mark.created ?? parseDate(drawUser(seed, index).createdAt),
    changed: ({index, mark}) => mark.changed ?? drawDates(seed, index).seen,
    username: index => person(index).username,
    isActive: index => isActive(seed, index),
    reportsOf: index => reportsOf(index, count).filter(report => !order.lacks(report)),
    list: mapList(order, sent),
  };
}

/** Every tenth user manages the nine who follow, and every hundredth those managers too. */
function rankOf(index: number): 1 | 10 | 100 {
  if (index % 10 !== 0) return 1;
  return index % 100 === 0 ? 100 : 10;
}

const ones = [1, 2, 3, 4, 5, 6, 7, 8, 9];

function reportsOf(index: number, count: number): readonly number[] {
  const rank = rankOf(index);
  if (rank === 1) return [];
  const team = rank === 10 ? ones : [...ones, ...ones.map(one => one * 10)];
  return team.map(place => index + place).filter(report => report < count);
}

const directManager = {id: 1, title: 'Direct Manager'};
const mentor = {id: 4, title: 'Mentor'};

export const managerTypes = [directManager, mentor, {id: 6, title: 'Ligne hiérarchique'}];

/** Most users have the manager of the user before. */
function nameManagers(title: string, ids: Ids, person: (index: number) => Person): (manager: number) => SentRecord {
  let last: {readonly manager: number; readonly name: SentRecord} | undefined;
  return manager => {
    if (last?.manager !== manager) {
      const {firstName, lastName, username} = person(manager);
      const id = ids.id(manager);
      const name = {manager_name: `${firstName} ${lastName}`, manager_username: username};
      // A number or a text (tables/API.md#user_managers).
      last = {manager, name: {manager_id: manager % 20 === 0 ? id : String(id), manager_title: title, ...name}};
    }
    return last.name;
  };
}

const nobody = {manager_title: directManager.title, manager_name: null, manager_username: null};

function isActive(seed: number, index: number): boolean {
  return dice(seed, 'user-active', index).chance(0.9);
}

function drawDates(seed: number, index: number) {
  const die = dice(seed, 'user', index);
  const created = someMoment(die);
  return {die, created, seen: laterMoment(die, created, 400)};
}

/** What is drawn first, with the die for the rest. */
function drawUser(seed: number, index: number) {
  const {die, created, seen} = drawDates(seed, index);
  const language = die.pick(languages);
  const role = die.pick(roles);
  const optedOut = die.chance(0.1);
  const hasEmail = !die.chance(0.03);
  const id = uuid(die);
  const lastAccess = die.chance(0.15) ? null : oddDateText(die, seen);
  return {die, created, seen, language, role, optedOut, hasEmail, id, lastAccess, createdAt: oddDateText(die, created)};
}

/** Types as in tables/API.md#users: numbers and flags come as strings, `is_manager` and `expired` as booleans. */
function userRecord(
  seed: number,
  index: number,
  id: number,
  person: Person,
  branchCode: string | null,
  {isManager, managers, size}: Team,
): SentRecord {
  const {die, created, seen, optedOut, ...drawn} = drawUser(seed, index);
  const [language, languageCode] = drawn.language;
  const [roleId, roleTitle] = drawn.role;
  return {
    user_id: String(id),
    username: person.username,
    first_name: person.firstName,
    last_name: person.lastName,
    email: drawn.hasEmail ? person.username : '',
    uuid: drawn.id,
    is_manager: isManager,
    fullname: `${person.firstName} ${person.lastName}`,
    last_access_date: drawn.lastAccess,
    last_update: dateText(seen),
    creation_date: drawn.createdAt,
    status: isActive(seed, index) ? '1' : '0',
    avatar: '',
    language,
    lang_code: languageCode,
    expiration_date: die.chance(0.9) ? null : oddDateText(die, seen + 31_536_000),
    level: index === 0 ? 'godadmin' : die.chance(0.02) ? 'power_user' : 'user',
    email_validation_status: die.chance(0.5) ? '1' : '0',
    send_notification: '0',
    newsletter_optout: optedOut ? '1' : '0',
    newsletter_optout_date: optedOut ? dateText(laterMoment(die, created, 100)) : null,
    encoded_username: person.username,
    timezone: die.pick(timezones),
    date_format: die.chance(0.8) ? null : die.pick(['en', 'it', 'yyyy-mm-dd']),
    country: die.chance(0.4) ? null : die.pick(['Italy', 'Canada', 'Côte d’Ivoire']),
    role_id: roleId,
    role_title: roleTitle,
    authenticator_app_pair_date: die.chance(0.8) ? null : dateText(laterMoment(die, created, 100)),
    currently_logged_users_count: die.chance(0.9) ? 0 : 1,
    ...additionalFields(die),
    // The list of users says nothing of branches (tables/API.md#users), so some tenants keep the code in a field of their own.
    [`field_${branchField.id}`]: branchCode,
    multidomains: [],
    manager_names: managers,
    // What an entry of this list holds is not known (tables/API.md#users).
    managers: Object.values(managers).filter(manager => manager !== nobody),
    active_subordinates_count: size,
    actions: ['edit', 'delete'],
    expired: false,
  };
}

export function additionalFields(die: Dice): SentRecord {
  const values: SentRecord = {};
  for (const {id, type, options} of userFields) values[`field_${id}`] = fieldValue(die, type, options);
  return values;
}

export function fieldValue(die: Dice, type: string, options: readonly string[] = ['']): string | null {
  if (die.chance(0.3)) return null;
  if (die.chance(0.1)) return '';
  switch (type) {
    case 'dropdown':
      return die.pick(options);
    case 'date':
      return die.chance(0.03) ? '0000-00-00' : dateText(someMoment(die)).slice(0, 10);
    case 'yesno':
      // 0 unset, 1 yes, 2 no (tables/API.md#user_fields)
      return String(die.below(3));
    case 'freetext':
      return sentence(die);
    case 'country':
      return die.pick(['Italy', 'Canada', 'Côte d’Ivoire']);
    case 'upload':
      return null;
    default:
      return city(die);
  }
}
