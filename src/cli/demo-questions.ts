import {resolve} from 'node:path';
import {withDuckdb} from '../engine/duckdb.js';
import {formatTable} from './format-table.js';

interface Question {
  readonly asks: string;
  readonly sql: string;
}

const questions: readonly Question[] = [
  {
    asks: 'Which courses are completed least?',
    sql: `SELECT course_name AS course, count(*) AS enrolled,
  round(100 * avg((enrollment_status = 'completed')::INT), 1) AS completed_percent
FROM course_enrollments GROUP BY ALL HAVING count(*) >= 5 ORDER BY completed_percent, enrolled DESC LIMIT 5`,
  },
  {
    asks: 'Who is overdue?',
    sql: `SELECT username AS learner, count(*) AS overdue, min(enrollment_validity_end_date)::DATE AS since
FROM course_enrollments
WHERE enrollment_validity_end_date BETWEEN '1971-01-01' AND now() AND enrollment_status <> 'completed'
GROUP BY ALL ORDER BY overdue DESC, since, learner LIMIT 5`,
  },
  {
    asks: 'Which groups have most enrolments?',
    sql: `SELECT any_value(g.name) AS "group", count(DISTINCT m.user_id) AS members, count(e.course_id) AS enrolments
FROM groups g JOIN group_members m USING (group_id) LEFT JOIN course_enrollments e USING (user_id)
GROUP BY group_id ORDER BY enrolments DESC, 1 LIMIT 5`,
  },
];

/** Asks the demo's questions of the file that was loaded, and shows the SQL with each answer. */
export function answerQuestions(file: string, workDir: string): Promise<string> {
  return withDuckdb(resolve(file), {workDir, lockTimeoutMs: 10_000}, async connection => {
    const answers: string[] = [];
    for (const {asks, sql} of questions) {
      const reader = await connection.runAndReadAll(sql);
      const headings = reader.columnNames().map(title => ({title}));
      const rows = reader.getRowsJson().map(row => row.map(value => String(value ?? '')));
      answers.push(`${asks}\n\n${indent(sql)}\n\n${formatTable(headings, rows)}`);
    }
    return answers.join('\n');
  });
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
