import {createHash} from 'node:crypto';

/** A comment on a column, or on the table itself. */
export interface Comment {
  readonly column: string | null;
  readonly text: string;
}

/** Our column whose comment lists our comments. Every table has it, unless the user turned it off. */
export const listColumn = '_docebo_load_id';

/** The comment on our other column. */
export const extractedComment: Comment = {
  column: '_docebo_extracted_at',
  text: 'When the page that holds the row was read from Docebo, UTC.',
};

/** The comments that an earlier run wrote, in the words of its version; null if it did not list them. */
export type OurComments = ReadonlySet<string> | null;

const lead = 'The load that the row came with. Comments by docebo-ingest: ';

/** Tells the next run which comments are ours, so that it leaves other people's alone. Earlier ones stay on the list. */
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
