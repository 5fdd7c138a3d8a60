import {inspect} from 'node:util';
import {exitCodes, IngestError} from '../errors.js';

interface Explanation {
  /** For stderr; the last line says what to do next. */
  readonly text: string;
  readonly exitCode: number;
}

/** What a person reads when a command fails. An error that was not thrown on purpose is a bug and shows its stack. */
export function explainError(error: unknown, {debug}: {debug: boolean}): Explanation {
  if (!(error instanceof IngestError)) {
    const text = `${inspect(error)}\ndocebo-ingest: this is a bug; please report it with the lines above.\n`;
    return {text: hideSecrets(text), exitCode: exitCodes.bug};
  }
  const details = debug ? `${inspect(error)}\n` : '';
  const hint = error.hint === undefined ? '' : `  ${error.hint}\n`;
  return {text: hideSecrets(`${details}docebo-ingest: ${error.message}\n${hint}`), exitCode: error.exitCode};
}

/** A source URI typed in the wrong place is quoted back by the argument parser: without its secrets. */
export function hideSecrets(text: string): string {
  return text.replaceAll(/\b(client_secret|password|token|access_token|refresh_token)=[^&\s'"]+/gi, '$1=***');
}
