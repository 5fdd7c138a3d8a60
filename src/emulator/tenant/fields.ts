import {listOf, type SentRecord} from '../list.js';

interface Field<Title = string> {
  id: number;
  title: Title;
  type: string;
  options?: readonly string[];
}

export const branchField: Field = {id: 10, title: 'Branch code', type: 'textfield'};

/** The numbers have gaps, because deleted fields leave some (tables/API.md#values). */
export const userFields: readonly Field[] = [
  {id: 1, title: 'Employee number', type: 'textfield'},
  {id: 2, title: 'City', type: 'textfield'},
  {id: 3, title: 'Department', type: 'dropdown', options: ['Sales', 'Engineering', 'Support', 'HR']},
  {id: 4, title: 'Hired on', type: 'date'},
  {id: 5, title: 'Contractor', type: 'yesno'},
  {id: 7, title: 'Notes', type: 'freetext'},
  {id: 8, title: 'Country', type: 'country'},
  {id: 9, title: 'Cost centre "old"', type: 'textfield'},
  branchField,
  {id: 13, title: 'Fête 🎉', type: 'textfield'},
  {id: 15, title: 'Contract', type: 'upload'},
];

export const courseFields: readonly Field<string | null>[] = [
  {id: 1, title: 'Audience', type: 'textfield'},
  {id: 2, title: 'Topic', type: 'dropdown', options: ['Compliance', 'Product', 'Skills']},
  {id: 5, title: 'Reviewed on', type: 'date'},
  {id: 9, title: null, type: 'textfield'},
];

export const enrolmentFieldList = listOf(
  [
    {id: 1, title: 'Reason', type: 'textfield', courses: ''},
    {id: 2, title: 'Cost centre', type: 'dropdown', courses: '101,104'},
    {id: 4, title: 'Needed by', type: 'date', courses: ''},
    {id: 7, title: 'Approved', type: 'yesno', courses: ''},
  ].map((field, index) => ({
    ...field,
    mandatory: index === 0 ? '1' : '0',
    visible_to_user: '1',
    sequence: String(index + 1),
  })),
);

export const userFieldList = listOf(
  userFields.map(({id, title, type}, index) => ({
    id,
    title,
    type,
    mandatory: index === 0,
    invisible_to_user: index === 7,
    settings: index % 2 === 0 ? [] : {max_length: 255},
    enabled: true,
    inherited: false,
    system_field: false,
    sequence: index + 1,
  })),
);

/** `as_array` gives a bare list with the options filled in (tables/API.md#other-shapes). */
export const userFieldsWithOptions = userFields.map(({id, options = []}, index) => ({
  ...userFieldList.at(index),
  options: options.map((label, option) => ({id: String(10 * id + option), label})),
}));

/** A user whose dropdowns hold ids of choices instead of their texts. */
export function withChoiceIds(user: SentRecord): SentRecord {
  const ids = userFields.flatMap(({id, options = []}) => {
    const option = options.indexOf(String(user[`field_${id}`]));
    return option < 0 ? [] : [[`field_${id}`, String(10 * id + option)] as const];
  });
  return {...user, ...Object.fromEntries(ids)};
}

/** A single field (tables/API.md#user_field_options); undefined if there is none of that id. */
export function describeUserField(wanted: number): SentRecord | undefined {
  const field = userFields.find(({id}) => id === wanted);
  if (field === undefined) return undefined;
  const {id, title, type, options = []} = field;
  const dropdown_options = options.map((label, option) => ({
    option_id: String(10 * id + option),
    translations: {english: label, italian: `${label} (it)`},
  }));
  return {id, type, translations: {english: title}, ...(type === 'dropdown' && {dropdown_options})};
}

/** `name` is an object whose `value` may be null (tables/API.md#course_fields). */
export const courseFieldList = listOf(
  courseFields.map(({id, title, type}) => ({
    id,
    name: {value: title},
    type,
    mandatory: '0',
    visible_to_user: '1',
    settings: [],
  })),
);
