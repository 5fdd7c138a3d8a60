import {exitCodes, IngestError, messageOf} from '../../errors.js';
import {toLine} from '../../printable.js';

/** An error as a program reads it. */
interface Told {
  readonly error: {
    readonly name: string;
    readonly code: string;
    readonly exitCode: number;
    readonly message: string;
    readonly hint?: string;
  };
  /** The run whose records are kept, to be resumed or loaded. */
  readonly loadId?: string;
  readonly exitCode: number;
}

interface Explanation {
  /** Stack and causes where they help; otherwise empty. */
  readonly details: string;
  /** What a person reads last: what failed and what to do next, in one line. */
  readonly line: string;
  readonly told: Told;
}

/** What is said when a command fails. An error that was not thrown on purpose is a bug and shows its stack. */
export function explainError(error: unknown, {debug}: {debug: boolean}): Explanation {
  const isBug = !(error instanceof IngestError);
  const {name, code, exitCode, hint, loadId} = isBug ? describeBug(error) : error;
  const message = endSentence(messageOf(error));
  return {
    details: debug || isBug ? describeStacks(error).join('\n') : '',
    line: toLine(`docebo-ingest: ${hint === undefined ? message : `${message} ${hint}`}`).trimEnd(),
    told: {
      error: {name, code, exitCode, message, ...(hint !== undefined && {hint})},
      ...(loadId !== undefined && {loadId}),
      exitCode,
    },
  };
}

function describeBug(error: unknown) {
  return {
    name: error instanceof Error ? error.name : 'Error',
    code: 'E_BUG',
    exitCode: exitCodes.bug,
    hint: 'This is a bug; please report it with the lines above.',
    loadId: undefined,
  };
}

/**
 * The stacks of an error and of what caused it. What else it holds is not shown: undici's errors keep what was received, and with it a
 * token that nobody has read yet.
 */
function describeStacks(error: unknown, shown: Set<unknown> = new Set()): readonly string[] {
  if (shown.has(error)) return [];
  shown.add(error);
  if (!(error instanceof Error)) return [toLine(messageOf(error))];
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  const frames = error.stack?.match(/^ {4}at .*$/gm) ?? [];
  const causes = [error.cause ?? [], error instanceof AggregateError ? error.errors : []].flat();
  return [
    `${toLine(`${error.name}: ${messageOf(error)}`)}${code}`,
    ...frames,
    ...causes.flatMap(cause => describeStacks(cause, shown)).map(line => `  ${line}`),
  ];
}

function endSentence(text: string): string {
  return /[.!?…]$/.test(text.trimEnd()) ? text : `${text}.`;
}
