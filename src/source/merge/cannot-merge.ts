/** A table cannot be merged, and is read whole instead. Its message says why, to be shown in the report. */
export class CannotMergeError extends Error {
  override readonly name = 'CannotMergeError';
  /** Whether the server was seen to let changes go unnoticed, so that its filter is not to be used again. */
  readonly isDistrust: boolean;

  constructor(reason: string, {isDistrust = false} = {}) {
    super(reason);
    this.isDistrust = isDistrust;
  }
}

/** Why what has changed cannot be read, as a run and a plan say it alike. */
export const unreadChanges = {
  refused: (status: number | undefined) => `Docebo refuses to say what has changed (${status}).`,
  uncounted: (parameter: string) => `Docebo does not count the rows that have changed (${parameter}).`,
  all: (total: number) => `All of its ${total} rows are said to have changed.`,
  most: (counted: number, total: number) =>
    `${counted} of its ${total} rows are said to have changed, so to read all takes little more.`,
};

/** Of more changes than this share of a list a merge saves little, and what fails after they were read costs them in vain. */
const mostChanged = 0.5;

export function areMostChanged(counted: number, total: number): boolean {
  return counted > total * mostChanged;
}
