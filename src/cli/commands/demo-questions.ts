import {resolve} from 'node:path';
import {query, withDuckdb} from '../../engine/duckdb.js';
import {type Sql, sql} from '../../engine/sql.js';
import {formatTable, indent} from '../printing/format.js';

interface Question {
  readonly asks: string;
  readonly select: Sql;
}

const questions: readonly Question[] = [
  {
    asks: 'Which courses are completed least?',
    select: sql`SELECT course_name AS course, count(*) AS enrolled,
  round(100 * avg((enrollment_status = 'completed')::INT), 1) AS completed_percent
FROM course_enrollments GROUP BY ALL HAVING count(*) >= 5 ORDER BY completed_percent, enrolled DESC LIMIT 5`,
  },
  {
    // An invalid date is loaded as 1970-01-01, which DuckDB calls the epoch: it is nobody's deadline.
    asks: 'Who is overdue?',
    select: sql`SELECT username AS learner, count(*) AS overdue, min(enrollment_validity_end_date)::DATE AS since
FROM course_enrollments
WHERE NULLIF(enrollment_validity_end_date, 'epoch') < now() AND enrollment_status <> 'completed'
GROUP BY ALL ORDER BY overdue DESC, since, learner LIMIT 5`,
  },
  {
    asks: 'How many enrolments does each branch have, with all below it?',
    select: sql`SELECT top.title AS branch, count(DISTINCT user_id) AS learners, count(DISTINCT (user_id, course_id)) AS enrolments
FROM branches top JOIN branches b ON b.i_left BETWEEN top.i_left AND top.i_right
JOIN user_branches m ON m.branch_id = b.id JOIN course_enrollments e USING (user_id)
WHERE top.lev = 1 GROUP BY top.id, top.title ORDER BY enrolments DESC, branch LIMIT 5`,
  },
];

/** Asks the loaded file the demo's questions, and shows the SQL with each answer. */
export function answerQuestions(file: string, workDir: string): Promise<string> {
  return withDuckdb(resolve(file), {workDir, lockTimeoutMs: 10_000}, async connection => {
    const answers: string[] = [];
    for (const {asks, select} of questions) {
      const reader = await query(connection, select);
      const headings = reader.columnNames().map(title => ({title}));
      const rows = reader.getRowsJson().map(row => row.map(value => String(value ?? '')));
      answers.push(`${asks}\n\n${indent(select)}\n\n${formatTable(headings, rows)}`);
    }
    return answers.join('\n');
  });
}
