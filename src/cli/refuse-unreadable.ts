import {exitCodes, IngestError} from '../errors.js';
import type {Readability} from '../source/check.js';

const notDocebo = 'Is base_url the address of a Docebo tenant? A maintenance page looks like this as well.';

/** A table cannot be read; the list of tables, which is printed by then, says of each why. */
class UnreadableError extends IngestError {
  override readonly name = 'UnreadableError';
  readonly code = 'E_UNREADABLE';
  readonly exitCode = exitCodes.rejected;
}

/**
 * Throws if a table cannot be read, and says whose fault it is: the right's, the tenant's or the address's. `gotToken`: tables were
 * asked for only with a token that Docebo gave, so a 404 is one of Docebo's.
 */
export function refuseUnreadable(checks: readonly Readability[], {gotToken}: {gotToken: boolean}): void {
  const facing = (obstacle: Readability['obstacle']) =>
    checks.filter(check => check.obstacle === obstacle).map(({table}) => table);
  const [right, absent, answer] = [facing('right'), facing('absent'), facing('answer')];
  if (right.length + absent.length + answer.length === 0) return;
  const strange = gotToken ? answer : [...absent, ...answer];
  if (strange.length === checks.length && checks.length > 1) {
    throw new UnreadableError('Nothing was answered as Docebo answers.', {
      hint: notDocebo,
    });
  }
  const sentences = [
    ...(right.length > 0 ? [`The credential lacks the right to read ${right.join(', ')} (403).`] : []),
    ...(absent.length > 0 ? [`This tenant does not serve ${absent.join(', ')}.`] : []),
    ...(answer.length > 0 ? [`The answer for ${answer.join(', ')} was not understood.`] : []),
  ];
  throw new UnreadableError(sentences.join(' '), {hint: chooseHint(right, absent)});
}

function chooseHint(right: readonly string[], absent: readonly string[]): string {
  if (right.length > 0) return 'Leave these tables out, or have the API user given the right.';
  if (absent.length > 0) return 'Leave these tables out: they may belong to a Docebo app that is not installed.';
  return notDocebo;
}
