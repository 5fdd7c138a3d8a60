import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, it} from 'vitest';
import {tables} from '../../tables/index.js';
import {runCli} from './run-cli.js';

it('the demo loads every table and answers five questions', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'docebo-cli-'));
  try {
    const {exitCode, stdout, stderr} = await runCli(['demo', '--users', '60', '--progress', 'json'], {}, folder);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`\n${tables.length} of ${tables.length} tables published: `);
    for (const question of [
      'How much does each branch complete, with all below it?',
      'How much does the team of each manager complete?',
      'How many enrolments are overdue in each branch, with all below it?',
      'Who came to each session?',
      'How far is each learning plan?',
    ]) {
      expect(stdout).toContain(question);
    }
    // An answer without rows would be a heading alone.
    expect(stdout.match(/^ *-+( +-+)*$\n\n/gm)).toBeNull();
    expect(stderr).toContain('"publishing"');
    expect(readdirSync(folder).filter(name => name.startsWith('docebo-demo'))).toEqual(['docebo-demo.duckdb']);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
});
