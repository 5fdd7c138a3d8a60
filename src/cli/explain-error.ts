import {inspect} from 'node:util';
import {exitCodes, IngestError, messageOf} from '../errors.js';

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
  /** Stack and causes where they are of use, ending in a line break. */
  readonly details: string;
  /** What a person reads last: what failed and what to do next, in one line. */
  readonly line: string;
  readonly told: Told;
}

/** What is said when a command fails. An error that was not thrown on purpose is a bug and shows its stack. */
export function explainError(error: unknown, {debug}: {debug: boolean}): Explanation {
  const isBug = !(error instanceof IngestError);
  const {name, code, exitCode, hint, loadId} = isBug ? describeBug(error) : error;
  const message = endSentence(hideSecrets(messageOf(error)));
  return {
    details: debug || isBug ? `${hideSecrets(inspect(error))}\n` : '',
    line: inOneLine(`docebo-ingest: ${hint === undefined ? message : `${message} ${hint}`}`),
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

/** A source URI typed in the wrong place is quoted back: without its secrets. */
export function hideSecrets(text: string): string {
  return text.replaceAll(/\b(client_secret|password|token|access_token|refresh_token)=(?!…)[^&\s'"]+/gi, '$1=***');
}

function endSentence(text: string): string {
  return /[.!?…]$/.test(text.trimEnd()) ? text : `${text}.`;
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trimEnd();
}
