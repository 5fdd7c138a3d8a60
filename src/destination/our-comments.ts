import {createHash} from 'node:crypto';

/** A comment on a column, or on the table itself. */
export interface Comment {
  readonly column: string | null;
  readonly text: string;
}

/** The column of ours whose comment lists what we wrote: it is in every table, unless it was asked not to be. */
export const listColumn = '_docebo_load_id';

/** Comments that an earlier run wrote, whatever its version called things; null if it did not tell. */
export type OurComments = ReadonlySet<string> | null;

const lead = 'The load that the row came with. Comments by docebo-ingest: ';

/** Tells the next run which comments are ours, so that it leaves those of others alone. Earlier ones are listed on. */
export function listComments(written: readonly Comment[], earlier: OurComments): Comment {
  const listed = new Set([...(earlier ?? []), ...written.map(digest)]);
  return {column: listColumn, text: `${lead}${[...listed].join(' ')}.`};
}

export function readOurComments(text: string | null): OurComments {
  return text?.startsWith(lead) && text.endsWith('.') ? new Set(text.slice(lead.length, -1).split(' ')) : null;
}

export function isOurs(comment: Comment, ours: OurComments): boolean {
  if (comment.column === listColumn && comment.text.startsWith(lead)) return true;
  return ours?.has(digest(comment)) ?? false;
}

function digest({column, text}: Comment): string {
  return createHash('sha256')
    .update(JSON.stringify([column, text]))
    .digest('base64url')
    .slice(0, 6);
}
