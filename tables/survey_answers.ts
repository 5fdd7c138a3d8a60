import {defineTable, type Exploded, integer, type PageContext, type SentRecord, text, timestamp} from '../src/table.js';
import {courses} from './courses.js';
import {polls} from './polls.js';
import {users} from './users.js';

export const surveyAnswers = defineTable({
  name: 'survey_answers',
  area: 'surveys',
  description:
    'Answers to polls, one row for each answer to a question in a submission. A submission without answers has no row.',
  routes: [
    {
      path: '/learn/v1/survey/{poll_id}/answer',
      query: {id_course: '{course_id}'},
      parent: {table: polls, bind: {poll_id: 'poll_id', course_id: 'course_id'}},
      explode: answersOf,
      tolerate: {404: 'The poll was deleted after the learning objects were listed.'},
    },
  ],
  // Submissions have no id, so their position in the list serves as one. tables/API.md#survey_answers
  primaryKey: ['course_id', 'poll_id', 'submission_number', 'question_id', 'answer_number'],
  columns: {
    course_id: integer('Course that holds the poll.', {references: courses}),
    poll_id: integer('Poll that was answered.'),
    submission_number: integer('Position of the submission in the list, from 1.'),
    question_id: integer('Question that was answered.'),
    answer_number: integer('Position among the answers that the submission gives to the question, from 1.'),
    type_quest: text('Kind of question, such as likert_scale.'),
    title_quest: text('Text of the question; JSON if it has several, as on a likert scale.'),
    option_id: text('Option that was chosen, where the question has options.'),
    answer: text('The answer.'),
    date: timestamp('When the submission was made.'),
    user_id: integer('User who answered; null if the API keeps answers anonymous.', {references: users}),
  },
});

function answersOf(body: unknown, {page, pageSize}: PageContext): Exploded {
  const {data} = objectAt(body, 'the reply');
  if (isEmptyList(data)) return {listed: [], records: []};
  const {questions, answers} = objectAt(data, 'data');
  const asked = mapAt(questions, 'data.questions');
  const submissions = answers === null ? [] : listAt(answers, 'data.answers');
  const records = submissions.flatMap((submission, index) => {
    const {answers, date = null, user_id, id_user} = objectAt(submission, 'a submission');
    return Object.entries(mapAt(answers, 'answers of a submission')).flatMap(([question_id, given]) => {
      const {type_quest = null, title_quest = null} = mapAt(asked[question_id], `question ${question_id}`);
      return choices(given).map(([option_id, answer], position) => ({
        submission_number: (page - 1) * pageSize + index + 1,
        question_id,
        answer_number: position + 1,
        type_quest,
        title_quest: plainText(title_quest),
        option_id,
        answer: plainText(answer),
        date,
        user_id: user_id ?? id_user ?? null,
      }));
    });
  });
  // What else stands in a submission may differ each time that it is sent.
  const listed = submissions.map(submission => {
    const {answers, date, user_id, id_user} = objectAt(submission, 'a submission');
    return {answers, date, user_id, id_user};
  });
  return {listed, records};
}

/** Free text comes as a list, options as a map of their ids. */
function choices(given: unknown): readonly (readonly [option: string | null, answer: unknown])[] {
  if (given === null || given === undefined) return [];
  if (Array.isArray(given)) return given.map(answer => [null, answer] as const);
  if (typeof given === 'object') return Object.entries(given);
  throw unexpected('answers to a question', 'a list or a map', given);
}

function plainText(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

function objectAt(value: unknown, where: string): SentRecord {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as SentRecord;
  throw unexpected(where, 'an object', value);
}

function mapAt(value: unknown, where: string): SentRecord {
  return value === null || value === undefined || isEmptyList(value) ? {} : objectAt(value, where);
}

/** How PHP writes an empty map. */
function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function listAt(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unexpected(where, 'a list', value);
}

function unexpected(where: string, expected: string, value: unknown): TypeError {
  const seen = Array.isArray(value) ? 'a list' : value === undefined ? 'nothing' : `a value of type ${typeof value}`;
  return new TypeError(`Expected ${where} of a survey to be ${expected}, but saw ${value === null ? 'null' : seen}.`);
}
