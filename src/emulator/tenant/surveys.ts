import {oddDateText, someMoment} from '../dates.js';
import {type List, lazyList, type SentRecord} from '../list.js';
import {dice} from '../random.js';
import {sentence} from '../texts.js';
import {hasPoll, pollId} from './learning-objects.js';

export interface Question {
  readonly id_quest: number;
  readonly type_quest: string;
  readonly title_quest: unknown;
}

export interface Survey {
  readonly pollId: number;
  readonly questions: Readonly<Record<string, Question>>;
  readonly submissions: List<{date: string | null; answers: SentRecord | []}>;
}

export function surveyOf(seed: number, course: number): Survey | undefined {
  if (!hasPoll(course)) return undefined;
  const first = pollId(course) * 10;
  const questions = Object.fromEntries(questionsFrom(first).map(question => [String(question.id_quest), question]));
  // One survey has three pages; one in four was never answered.
  const count = course === 0 ? 430 : course % 4 === 2 ? 0 : dice(seed, 'survey', course).below(25);
  return {
    pollId: pollId(course),
    questions,
    submissions: lazyList(count, index => submission(seed ^ pollId(course), index, first)),
  };
}

/** A likert scale's title is an object (tables/API.md#survey_answers); the names of the other types are unknown. */
function questionsFrom(first: number): Question[] {
  return [
    {
      id_quest: first,
      type_quest: 'likert_scale',
      title_quest: {[first]: 'txt/The trainer was clear', [first + 1]: 'txt/On time'},
    },
    {id_quest: first + 2, type_quest: 'extended_text', title_quest: 'What should we change?'},
    {id_quest: first + 3, type_quest: 'choice_multiple', title_quest: 'Which topics 🤔?'},
  ];
}

const options = {'4': 'Strongly agree', '5': 'Agree', '6': 'Disagree & left', '11': 'Prefer not to say'};

function submission(seed: number, index: number, first: number): {date: string | null; answers: SentRecord | []} {
  const die = dice(seed, 'submission', index);
  const date = oddDateText(die, someMoment(die));
  // PHP writes an empty map as a list.
  if (die.chance(0.03)) return {date, answers: []};
  const [key, label] = die.pick(Object.entries(options));
  const chosen = Object.fromEntries(Object.entries(options).filter(() => die.chance(0.4)));
  return {
    date,
    answers: {
      [first]: {[key]: label},
      [first + 2]: die.chance(0.2) ? [] : die.chance(0.1) ? ['one', 'two'] : [sentence(die)],
      [first + 3]: Object.keys(chosen).length === 0 ? [] : chosen,
    },
  };
}
