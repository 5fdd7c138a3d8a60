import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, it} from 'vitest';
import {tables} from '../../tables/index.js';
import {runCli} from './run-cli.js';

it('the demo loads every table and answers three questions', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'docebo-cli-'));
  try {
    const {exitCode, stdout, stderr} = await runCli(['demo', '--users', '60', '--progress', 'json'], {}, folder);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`\n${tables.length} of ${tables.length} tables published: `);
    for (const question of [
      'Which courses are completed least?',
      'Who is overdue?',
      'How many enrolments does each branch have, with all below it?',
    ]) {
      expect(stdout).toContain(question);
    }
    expect(stderr).toContain('"publishing"');
    expect(readdirSync(folder).filter(name => name.startsWith('docebo-demo'))).toEqual(['docebo-demo.duckdb']);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
});
