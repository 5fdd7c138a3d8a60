import {dateText, touchedMoment} from './dates.js';
import type {SentRecord} from './list.js';

/** How a record changes. */
export interface Change {
  /**
   * The date of last change that the record gets; where it is new, it was made then too. By default a changed record gets a date later than
   * any other, and a new one has dates like those of its neighbours.
   */
  readonly at?: Date;
  /** Members in place of those that are sent, in every list that sends the record. A function is given the record as one of them sends it. */
  readonly changes?: Changes;
  /** The date of last change stays. */
  readonly isSilent?: boolean;
}

export type Changes = SentRecord | ((sent: SentRecord) => SentRecord);

/** What edits have made of a record. Moments are in seconds since the epoch. */
export interface Mark {
  readonly touches: number;
  readonly created?: number | undefined;
  readonly changed?: number | undefined;
  readonly changes: readonly Changes[];
  /** Of a course. */
  readonly name?: string;
}

export const unmarked: Mark = {touches: 0, changes: []};

export function touch(mark: Mark, {at, changes, isSilent = false}: Change, name?: string): Mark {
  const touches = mark.touches + 1;
  return {
    ...mark,
    touches,
    ...(name !== undefined && {name}),
    ...(!isSilent && {changed: secondsOf(at) ?? touchedMoment(touches)}),
    changes: [...mark.changes, ...(changes === undefined ? [] : [changes])],
  };
}

/** The mark of a record that is new, or comes again: nothing is left then of what it was. */
export function arrive({at, changes}: Change, touches = 0): Mark {
  const moment = secondsOf(at) ?? (touches > 0 ? touchedMoment(touches) : undefined);
  return {touches, created: moment, changed: moment, changes: changes === undefined ? [] : [changes]};
}

function secondsOf(date: Date | undefined): number | undefined {
  return date && Math.floor(date.getTime() / 1000);
}

/** The record as sent: with the dates of its mark, under the names that the list has for them, and what else was changed. */
export function alter(
  record: SentRecord,
  mark: Mark,
  names: {readonly created?: string; readonly changed?: string} = {},
): SentRecord {
  if (mark === unmarked) return record;
  let sent = {...record};
  for (const date of ['created', 'changed'] as const) {
    const [name, moment] = [names[date], mark[date]];
    if (name !== undefined && moment !== undefined) sent[name] = dateText(moment);
  }
  for (const change of mark.changes) sent = {...sent, ...(typeof change === 'function' ? change(sent) : change)};
  return sent;
}

/** The marks of a list's records by their indexes. Lists of the same records share them. */
export class Marks {
  /** Grows with each edit. */
  version = 0;
  #marks = new Map<number, Mark>();
  #isFrozen = false;

  of(index: number): Mark {
    return this.#marks.get(index) ?? unmarked;
  }

  set(index: number, mark: Mark): void {
    if (this.#isFrozen) this.#marks = new Map(this.#marks);
    this.#isFrozen = false;
    this.#marks.set(index, mark);
    this.version += 1;
  }

  /** The marks as they are now. They are copied no sooner than the next edit, since cursors are many and edits are few. */
  freeze(): (index: number) => Mark {
    const marks = this.#marks;
    this.#isFrozen = true;
    return index => marks.get(index) ?? unmarked;
  }
}
