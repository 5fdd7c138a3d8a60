import {type List, lazyList, listOf} from './list.js';

/** What can happen to a list while it is read. Positions count from 0. */
export interface Edits {
  /** A new record is inserted at the position. */
  insert(position: number): void;
  remove(position: number): void;
  move(from: number, to: number): void;
  /** The record changes, as if a user had just saved it. */
  touch(position: number): void;
}

/** What makes the record at a position: its index, whatever its place in the list, and how often it was edited. */
export interface Place {
  readonly index: number;
  readonly touches: number;
}

/** The order of a list, which is only a count until the first edit. New records get the indexes above that. */
export class Order implements List<Place>, Edits {
  /** Grows with each edit. */
  version = 0;
  readonly #count: () => number;
  readonly #removed = new Set<number>();
  #places: Place[] | undefined;
  #made = 0;

  constructor(count: () => number) {
    this.#count = count;
  }

  get length(): number {
    return this.#places?.length ?? this.#count();
  }

  /** The number of records before any edit. */
  get count(): number {
    return this.#count();
  }

  at(position: number): Place {
    return this.#places === undefined ? {index: position, touches: 0} : this.#find(position);
  }

  /** The indexes of the records that were inserted. */
  get added(): readonly number[] {
    return Array.from({length: this.#made}, (_, made) => this.#count() + made);
  }

  lacks(index: number): boolean {
    return this.#removed.has(index);
  }

  freeze(): List<Place> {
    return this.#places === undefined
      ? lazyList(this.#count(), index => ({index, touches: 0}))
      : listOf([...this.#places]);
  }

  insert(position: number): void {
    const places = this.#open();
    if (position !== places.length) this.#find(position);
    places.splice(position, 0, {index: this.#count() + this.#made, touches: 0});
    this.version += 1;
    this.#made += 1;
  }

  remove(position: number): void {
    const {index} = this.#find(position);
    this.#open().splice(position, 1);
    this.version += 1;
    this.#removed.add(index);
  }

  move(from: number, to: number): void {
    const place = this.#find(from);
    this.#find(to);
    const places = this.#open();
    places.splice(from, 1);
    places.splice(to, 0, place);
    this.version += 1;
  }

  touch(position: number): void {
    const {index, touches} = this.#find(position);
    this.#open()[position] = {index, touches: touches + 1};
    this.version += 1;
  }

  #open(): Place[] {
    this.#places ??= Array.from({length: this.#count()}, (_, index) => ({index, touches: 0}));
    return this.#places;
  }

  #find(position: number): Place {
    const place = this.#open()[position];
    if (place === undefined) throw new RangeError(`There is no position ${position} in a list of ${this.length}.`);
    return place;
  }
}
