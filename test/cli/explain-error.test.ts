import {describe, expect, it} from 'vitest';
import {explainError, hideSecrets} from '../../src/cli/explain-error.js';
import {DestinationError} from '../../src/errors.js';

describe('an error', () => {
  const error = new DestinationError('docebo.duckdb is locked.', {
    hint: 'Close the other program.',
    cause: new Error('EBUSY'),
  });

  it('thrown on purpose is a sentence, a hint and an exit code', () => {
    expect(explainError(error, {debug: false})).toEqual({
      details: '',
      line: 'docebo-ingest: docebo.duckdb is locked. Close the other program.',
      told: {
        error: {
          name: 'DestinationError',
          code: 'E_DESTINATION',
          exitCode: 6,
          message: 'docebo.duckdb is locked.',
          hint: 'Close the other program.',
        },
        exitCode: 6,
      },
    });
  });

  it('is one line whatever its message holds, and names the run that is kept', () => {
    const failure = new DestinationError('It failed:\n  disk full');
    failure.loadId = '01';
    const {line, told} = explainError(failure, {debug: false});
    expect(line).toBe('docebo-ingest: It failed: disk full.');
    expect(told).toMatchObject({loadId: '01', exitCode: 6});
  });

  it('shows its stack and causes under --debug', () => {
    const {details, line} = explainError(error, {debug: true});
    expect(details).toContain('explain-error.test.ts');
    expect(details).toContain('EBUSY');
    expect(line).toMatch(/ Close the other program\.$/);
  });

  it('of any other kind is a bug', () => {
    const {details, line, told} = explainError(new TypeError('x is not a function'), {debug: false});
    expect(told).toMatchObject({exitCode: 70, error: {name: 'TypeError', code: 'E_BUG'}});
    expect(details).toContain('explain-error.test.ts');
    expect(line).toBe('docebo-ingest: x is not a function. This is a bug; please report it with the lines above.');
  });

  it('never shows a secret of a URI', () => {
    const told = explainError(new Error("docebo://?client_id=a&client_secret=s3cr3t&password=p'"), {debug: true});
    expect(JSON.stringify(told)).not.toMatch(/s3cr3t|password=p/);
  });

  it('leaves alone what only stands for a secret', () => {
    expect(hideSecrets('docebo://?client_id=…&client_secret=…')).toBe('docebo://?client_id=…&client_secret=…');
  });
});
