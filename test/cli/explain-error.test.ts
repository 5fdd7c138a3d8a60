import {describe, expect, it} from 'vitest';
import {explainError} from '../../src/cli/explain-error.js';
import {DestinationError} from '../../src/errors.js';

describe('an error', () => {
  const error = new DestinationError('docebo.duckdb is locked.', {
    hint: 'Close the other program.',
    cause: new Error('EBUSY'),
  });

  it('thrown on purpose is a sentence, a hint and an exit code', () => {
    expect(explainError(error, {debug: false})).toEqual({
      text: 'docebo-ingest: docebo.duckdb is locked.\n  Close the other program.\n',
      exitCode: 6,
    });
  });

  it('shows its stack and causes under --debug', () => {
    const {text} = explainError(error, {debug: true});
    expect(text).toContain('explain-error.test.ts');
    expect(text).toContain('EBUSY');
    expect(text).toMatch(/\n {2}Close the other program\.\n$/);
  });

  it('of any other kind is a bug', () => {
    const {text, exitCode} = explainError(new TypeError('x is not a function'), {debug: false});
    expect(exitCode).toBe(70);
    expect(text).toContain('explain-error.test.ts');
    expect(text).toMatch(/this is a bug/);
  });

  it('never shows a secret of a URI', () => {
    const {text} = explainError(new Error("docebo://?client_id=a&client_secret=s3cr3t&password=p'"), {debug: true});
    expect(text).not.toMatch(/s3cr3t|password=p/);
  });
});
