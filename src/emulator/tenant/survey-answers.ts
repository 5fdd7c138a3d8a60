import type {SentRecord} from '../list.js';
import type {Survey} from './surveys.js';

/** One record for each submission, question and answer. The API does not number them, so they are counted in order. */
export function* surveyAnswers(survey: Survey, courseId: number): Generator<SentRecord> {
  for (let index = 0; index < survey.submissions.length; index += 1) {
    const {date, answers} = survey.submissions.at(index);
    for (const [questionId, given] of Object.entries(answers)) {
      const question = survey.questions[questionId];
      for (const [place, {optionId, answer}] of listAnswers(given).entries()) {
        yield {
          course_id: courseId,
          poll_id: survey.pollId,
          submission_number: index + 1,
          question_id: Number(questionId),
          answer_number: place + 1,
          type_quest: question?.type_quest,
          title_quest: question?.title_quest,
          date,
          answer,
          option_id: optionId,
        };
      }
    }
  }
}

function listAnswers(given: unknown): {optionId: string | null; answer: unknown}[] {
  if (Array.isArray(given)) return given.map(answer => ({optionId: null, answer}));
  return Object.entries(given ?? {}).map(([optionId, answer]) => ({optionId, answer}));
}
