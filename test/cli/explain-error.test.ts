import {describe, expect, it} from 'vitest';
import {explainError} from '../../src/cli/printing/explain-error.js';
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

  it('shows of what caused it nothing but its message, its code and its stack', () => {
    const cause = Object.assign(new Error('bad chunk'), {code: 'HPE_X', data: '{"access_token":"not-known-yet"}'});
    const {details} = explainError(new DestinationError('It failed', {cause}), {debug: true});
    expect(details).toContain('Error: bad chunk (HPE_X)');
    expect(details).not.toContain('not-known-yet');
  });

  it('quotes no piece of JSON that could not be parsed', () => {
    const token = '{"access_token":"not-known-yet" x}';
    const parse = () => JSON.parse(token);
    const told = explainError(new DestinationError('It failed', {cause: catchError(parse)}), {debug: true});
    const bug = explainError(catchError(parse), {debug: true});
    expect(JSON.stringify([told, bug])).not.toMatch(/not-known|yet/);
  });
});

function catchError(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
