import type {Reading} from '../older.js';

/**
 * When a table was read last, at the end of a comment: rows that did not change are not written again, so they do not tell.
 */
export function addReading(comment: string, {loadId, readAtMs}: Reading): string {
  return `${comment} Complete as of ${new Date(readAtMs).toISOString()}, load ${loadId}.`;
}

const ending = / Complete as of (\S+), load (\S+)\.$/;

/** Splits a comment into the text without that note, and what it notes. */
export function splitReading(comment: string | null): {
  readonly text: string | null;
  readonly reading: Reading | undefined;
} {
  const [, readAt = '', loadId = ''] = ending.exec(comment ?? '') ?? [];
  const reading = loadId === '' ? undefined : {loadId, readAtMs: Date.parse(readAt)};
  return {text: comment?.replace(ending, '') ?? null, reading};
}
