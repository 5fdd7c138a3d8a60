import {type List, lazyList} from './list.js';
import {arrive, type Change, type Mark, Marks, touch} from './marks.js';

/** What can happen to a list while it is read. Positions count from 0. */
export interface Edits {
  /** A new record is inserted at the position. */
  insert(position: number, change?: Change): void;
  remove(position: number): void;
  move(from: number, to: number): void;
  /** The record changes, as if a user had just saved it. */
  touch(position: number, change?: Change): void;
}

/** What makes the record at a position: its index, whatever its place in the list, and what edits have made of it. */
export interface Place {
  readonly index: number;
  readonly mark: Mark;
}

interface OrderOptions {
  /** The number of records before any edit. */
  readonly count: () => number;
  /** The index of the record at a position before any edit. */
  readonly indexAt?: (position: number) => number;
  readonly marks?: Marks;
}

/** The order of a list, which is only a count until the first edit. New records get the indexes above that. */
export class Order implements List<Place>, Edits {
  readonly marks: Marks;
  readonly #count: () => number;
  readonly #indexAt: (position: number) => number;
  readonly #removed = new Set<number>();
  #indexes: number[] | undefined;
  #isFrozen = false;
  #made = 0;
  #moves = 0;

  constructor({count, indexAt = position => position, marks = new Marks()}: OrderOptions) {
    this.#count = count;
    this.#indexAt = indexAt;
    this.marks = marks;
  }

  /** Grows with each edit. */
  get version(): number {
    return this.#moves + this.marks.version;
  }

  get length(): number {
    return this.#indexes?.length ?? this.#count();
  }

  /** The number of records before any edit. */
  get count(): number {
    return this.#count();
  }

  at(position: number): Place {
    return this.place(this.#indexes === undefined ? this.#indexAt(position) : this.find(position));
  }

  place(index: number): Place {
    return {index, mark: this.marks.of(index)};
  }

  /** The indexes of the records that were inserted. */
  get added(): readonly number[] {
    return Array.from({length: this.#made}, (_, made) => this.#count() + made);
  }

  /** Whether the record is in the list, if its index came with the list or by `insert`. */
  has(index: number): boolean {
    return index < this.#count() + this.#made && !this.lacks(index);
  }

  lacks(index: number): boolean {
    return this.#removed.has(index);
  }

  freeze(): List<Place> {
    const markOf = this.marks.freeze();
    const indexes = this.#indexes;
    this.#isFrozen = true;
    const indexAt = indexes === undefined ? this.#indexAt : (position: number) => indexes[position] ?? 0;
    return lazyList(this.length, position => {
      const index = indexAt(position);
      return {index, mark: markOf(index)};
    });
  }

  /** Returns the index. */
  insert(position: number, change?: Change): number {
    const index = this.#count() + this.#made;
    this.put(position, index, change && arrive(change));
    this.#made += 1;
    return index;
  }

  /** Inserts a record that is not in the list. */
  put(position: number, index: number, mark?: Mark): void {
    this.#open().splice(this.check(position), 0, index);
    this.#removed.delete(index);
    if (mark !== undefined) this.marks.set(index, mark);
  }

  remove(position: number): void {
    const index = this.find(position);
    this.#open().splice(position, 1);
    this.#removed.add(index);
  }

  /** Removes the records of these indexes, at the cost of one removal. */
  removeAll(indexes: ReadonlySet<number>): void {
    if (indexes.size === 0) return;
    this.#indexes = this.#open().filter(index => !indexes.has(index));
    for (const index of indexes) this.#removed.add(index);
  }

  move(from: number, to: number): void {
    const index = this.find(from);
    this.find(to);
    const indexes = this.#open();
    indexes.splice(from, 1);
    indexes.splice(to, 0, index);
  }

  touch(position: number, change?: Change): void {
    this.touchIndex(this.find(position), change);
  }

  touchIndex(index: number, change: Change = {}, name?: string): void {
    this.marks.set(index, touch(this.marks.of(index), change, name));
  }

  /** Returns the position if a record can be inserted there. */
  check(position: number): number {
    if (position !== this.length) this.find(position);
    return position;
  }

  /** Where the record is; -1 if it is not in the list. */
  positionOf(index: number): number {
    return this.#open().indexOf(index);
  }

  /** The indexes in order, to be edited. */
  #open(): number[] {
    if (this.#indexes === undefined) this.#indexes = Array.from({length: this.#count()}, (_, at) => this.#indexAt(at));
    else if (this.#isFrozen) this.#indexes = [...this.#indexes];
    this.#isFrozen = false;
    this.#moves += 1;
    return this.#indexes;
  }

  /** The index of the record at a position. */
  find(position: number): number {
    const isThere = Number.isInteger(position) && position >= 0 && position < this.length;
    const index = isThere ? (this.#indexes?.[position] ?? this.#indexAt(position)) : undefined;
    if (index === undefined) throw new RangeError(`There is no position ${position} in a list of ${this.length}.`);
    return index;
  }
}
