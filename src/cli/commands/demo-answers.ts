import {resolve} from 'node:path';
import {query, withDuckdb} from '../../engine/duckdb.js';
import {formatTable, indent} from '../printing/format.js';
import {questions} from '../questions.js';

const mostRows = 5;

/** Asks the loaded file the demo's questions, and shows the SQL with the first rows of each answer. */
export function answerQuestions(file: string, workDir: string): Promise<string> {
  return withDuckdb(resolve(file), {workDir, lockTimeoutMs: 10_000}, async connection => {
    const answers: string[] = [];
    for (const {asks, select} of questions.filter(({isShown}) => isShown)) {
      const reader = await query(connection, select);
      const headings = reader.columnNames().map(title => ({title}));
      const rows = reader.getRowsJson().map(row => row.map(value => String(value ?? '')));
      const more = rows.length > mostRows ? `… and ${rows.length - mostRows} more\n` : '';
      const shown = formatTable(headings, rows.slice(0, mostRows));
      answers.push(`${asks}\n\n${indent(select)}\n\n${shown}${more}`);
    }
    return answers.join('\n');
  });
}
