import {type Sql, sql} from '../engine/sql.js';

/** A question that training analysts ask, and the query that answers it from loaded tables. */
export interface Question {
  readonly asks: string;
  /** What to know before the query is used; a sentence or two. */
  readonly note?: string;
  readonly select: Sql;
  /** Whether the demo ends with it. */
  readonly isShown?: true;
}

/** An invalid date is loaded as 1970-01-01, which DuckDB calls the epoch: it is nobody's deadline, and nobody was seen then. */
export const questions: readonly Question[] = [
  {
    asks: 'Which courses are completed least?',
    select: sql`SELECT course_name AS course, count(*) AS enrolled,
  count(*) FILTER (WHERE enrollment_status = 'completed') AS completed,
  round(100 * completed / enrolled, 1) AS completed_percent
FROM course_enrollments WHERE enrollment_status <> 'waiting'
GROUP BY course_id, course_name ORDER BY completed_percent, enrolled DESC, course_id`,
  },
  {
    asks: 'How much does each branch complete, with all below it?',
    note: 'Who is in several branches counts once in each. Without `lev = 1` every branch of the tree is listed.',
    isShown: true,
    select: sql`SELECT top.path AS branch, count(DISTINCT e.user_id) AS learners,
  count(DISTINCT (e.user_id, e.course_id)) AS enrolled,
  count(DISTINCT (e.user_id, e.course_id)) FILTER (WHERE e.enrollment_status = 'completed') AS completed,
  round(100 * completed / enrolled, 1) AS completed_percent
FROM branches top JOIN branches b ON b.i_left BETWEEN top.i_left AND top.i_right
JOIN user_branches m ON m.branch_id = b.id
JOIN course_enrollments e ON e.user_id = m.user_id AND e.enrollment_status <> 'waiting'
WHERE top.lev = 1 GROUP BY top.id, top.path ORDER BY completed_percent, branch, top.id`,
  },
  {
    asks: 'How much does the team of each manager complete?',
    isShown: true,
    select: sql`SELECT m.manager_name AS manager, count(DISTINCT e.user_id) AS learners, count(*) AS enrolled,
  count(*) FILTER (WHERE e.enrollment_status = 'completed') AS completed,
  round(100 * completed / enrolled, 1) AS completed_percent
FROM (SELECT DISTINCT user_id, manager_username, manager_name FROM user_managers WHERE manager_name IS NOT NULL) m
JOIN course_enrollments e ON e.user_id = m.user_id AND e.enrollment_status <> 'waiting'
GROUP BY m.manager_username, m.manager_name ORDER BY completed_percent, enrolled DESC, m.manager_username`,
  },
  {
    asks: 'Who is overdue?',
    select: sql`SELECT username AS learner, count(*) AS overdue, CAST(min(deadline) AT TIME ZONE 'UTC' AS DATE) AS since
FROM (SELECT *, NULLIF(enrollment_validity_end_date, 'epoch') AS deadline FROM course_enrollments)
WHERE deadline < now() AND enrollment_status NOT IN ('completed', 'waiting')
GROUP BY user_id, username ORDER BY overdue DESC, since, user_id`,
  },
  {
    asks: 'How many enrolments are overdue in each branch, with all below it?',
    isShown: true,
    select: sql`SELECT top.path AS branch, count(DISTINCT (e.user_id, e.course_id)) AS overdue,
  count(DISTINCT e.user_id) AS learners
FROM branches top JOIN branches b ON b.i_left BETWEEN top.i_left AND top.i_right
JOIN user_branches m ON m.branch_id = b.id JOIN course_enrollments e ON e.user_id = m.user_id
WHERE top.lev = 1 AND NULLIF(e.enrollment_validity_end_date, 'epoch') < now()
  AND e.enrollment_status NOT IN ('completed', 'waiting')
GROUP BY top.id, top.path ORDER BY overdue DESC, branch, top.id`,
  },
  {
    asks: 'Who has not been seen for 90 days?',
    select: sql`SELECT username AS learner, CAST(seen AT TIME ZONE 'UTC' AS DATE) AS last_seen
FROM (SELECT *, NULLIF(last_access_date, 'epoch') AS seen FROM users)
WHERE status AND (seen IS NULL OR seen < now() - INTERVAL 90 DAY) ORDER BY seen NULLS FIRST, user_id`,
  },
  {
    asks: 'How many days does it take to complete each course?',
    select: sql`SELECT course_name AS course, count(*) AS completed,
  round(avg(date_diff('second', enrolled, done)) / 86400, 1) AS days
FROM (SELECT *, NULLIF(enrollment_created_at, 'epoch') AS enrolled,
  NULLIF(enrollment_completion_date, 'epoch') AS done FROM course_enrollments)
WHERE enrollment_status = 'completed' AND enrolled IS NOT NULL AND done IS NOT NULL
GROUP BY course_id, course_name ORDER BY days DESC, course_id`,
  },
  {
    asks: 'Which certificates expire within 30 days?',
    note: 'No list of the API names the certificates that users hold, so this asks the report of the type *User Awards* that somebody made in Docebo (here it is called *Certificates*), loaded with `--source-table report:Certificates`.',
    select: sql`SELECT username AS learner, certification_title AS certificate, CAST(to_renew_in AS DATE) AS expires
FROM certificates WHERE expires BETWEEN CAST(now() AT TIME ZONE 'UTC' AS DATE) AND CAST(now() AT TIME ZONE 'UTC' AS DATE) + 30
ORDER BY expires, learner, certificate`,
  },
  {
    asks: 'How do learners judge each course?',
    note: 'Answers come as words: put those of your own scale in the place of these.',
    select: sql`SELECT c.name AS course, count(*) AS answers, round(avg(points), 2) AS score
FROM survey_answers a LEFT JOIN courses c ON c.id_course = a.course_id
JOIN (VALUES ('Strongly agree', 5), ('Agree', 4), ('Disagree & left', 2)) scale (answer, points) USING (answer)
WHERE type_quest = 'likert_scale' GROUP BY a.course_id, c.name ORDER BY score, a.course_id`,
  },
  {
    asks: 'Who came to each session?',
    note: 'The words of `attendance_status` are not known for certain: `SELECT DISTINCT attendance_status FROM session_attendance` shows those of your tenant.',
    isShown: true,
    select: sql`SELECT session_name AS session, count(*) AS expected,
  count(*) FILTER (WHERE attendance_status = 'present') AS attended, round(100 * attended / expected, 1) AS attended_percent
FROM session_attendance GROUP BY course_id, session_id, session_name
ORDER BY attended_percent, expected DESC, course_id, session_id`,
  },
  {
    asks: 'How far is each learning plan?',
    isShown: true,
    select: sql`SELECT learning_plan_name AS plan, count(*) AS learners,
  count(*) FILTER (WHERE enrollment_status = 'completed') AS completed,
  round(avg(enrollment_completion_percentage), 1) AS progress_percent
FROM learning_plan_enrollments GROUP BY learning_plan_id, learning_plan_name ORDER BY progress_percent, learning_plan_id`,
  },
  {
    asks: 'Where does each learner stand in the courses that are mandatory?',
    note: 'One row for each learner and one column for each course; empty where the course is not mandatory for the learner.',
    select: sql`PIVOT (SELECT username AS learner, concat(course_name, ' (', course_id, ')') AS course, enrollment_status
  FROM course_enrollments WHERE assignment_type = 'mandatory')
ON course USING any_value(enrollment_status) GROUP BY learner ORDER BY learner`,
  },
  {
    asks: 'How many hours of training were completed in each month?',
    note: 'The time that a learner spent in a course counts in the month in which the course was completed.',
    select: sql`SELECT strftime(done AT TIME ZONE 'UTC', '%Y-%m') AS month, count(*) AS completed,
  round(sum(enrollment_time_spent) / 3600, 1) AS hours
FROM (SELECT *, NULLIF(enrollment_completion_date, 'epoch') AS done FROM course_enrollments)
WHERE enrollment_status = 'completed' AND done IS NOT NULL GROUP BY month ORDER BY month`,
  },
];

/** The section of README.md that holds them. */
export function describeQuestions(): string {
  return questions
    .map(({asks, note, select}) => `**${asks}**${note === undefined ? '' : ` ${note}`}\n\n\`\`\`sql\n${select}\n\`\`\``)
    .join('\n\n');
}
