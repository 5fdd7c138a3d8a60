import {isUtf8} from 'node:buffer';
import type {ExactPath} from '../../declared-keys.js';
import {findValue, type Span, toPlainNumber, toPointer} from '../../json/raw-record.js';
import type {JsonScanner} from '../../json/scanner.js';
import type {RecordNotes} from '../../spool/lines.js';
import type {Key} from './record-keys.js';

/** Notes which values of one body would not load as they were sent, and which were mended. */
export class BodyNotes {
  readonly #json: JsonScanner;
  /** Whether the body is not UTF-8. */
  readonly #isMalformed: boolean;
  readonly #byRecord = new Map<number, {readonly exact: Map<string, string>; readonly mended: Set<string>}>();

  constructor(json: JsonScanner, isMalformed: boolean) {
    this.#json = json;
    this.#isMalformed = isMalformed;
  }

  /** Keyed by the offset at which the record begins. */
  get byRecord(): ReadonlyMap<number, RecordNotes> {
    return this.#byRecord;
  }

  note({exactPaths}: Key, recordAt: number, keyAt: number, valueAt: number): void {
    const {bytes} = this.#json;
    for (const {keys, isWhole} of exactPaths) {
      const value = findValue(bytes, valueAt, keys.slice(1));
      if (value === undefined) continue;
      const [isExact, isMended] = [!this.#holdsInexact(value), !isWhole && this.#holdsMended(value, keyAt, valueAt)];
      if (isExact && !isMended) continue;
      const notes = this.#byRecord.get(recordAt) ?? {exact: new Map<string, string>(), mended: new Set<string>()};
      this.#byRecord.set(recordAt, notes);
      const sent = bytes.toString('utf8', value.start, value.end);
      if (!isExact) notes.exact.set(toPointer(keys), isWhole ? toPlainNumber(sent) : sent);
      if (isMended) notes.mended.add(toPointer(keys));
    }
  }

  /** Forgets what was noted about a value that no longer counts. */
  forget(paths: readonly ExactPath[], recordAt: number): void {
    const notes = this.#byRecord.get(recordAt);
    for (const {keys} of paths) {
      notes?.exact.delete(toPointer(keys));
      notes?.mended.delete(toPointer(keys));
    }
  }

  /** Whole numbers do not count: DuckDB reads them digit by digit. */
  #holdsInexact({start, end}: Span): boolean {
    const {bytes, inexact} = this.#json;
    for (let i = inexact.length - 2; i >= 0 && (inexact[i] ?? 0) >= start; i -= 2) {
      const [from = 0, to = 0] = inexact.slice(i, i + 2);
      if (to <= end && !isPlainWhole(bytes.toString('latin1', from, to))) return true;
    }
    return false;
  }

  /** Anything mended in the value's key counts as well. */
  #holdsMended({start, end}: Span, keyAt: number, valueAt: number): boolean {
    const {bytes, mendedAt} = this.#json;
    for (let i = mendedAt.length - 1; i >= 0 && (mendedAt[i] ?? 0) >= keyAt; i--) {
      const at = mendedAt[i] ?? 0;
      if (at < valueAt || (at >= start && at < end)) return true;
    }
    return this.#isMalformed && !(isUtf8(bytes.subarray(keyAt, valueAt)) && isUtf8(bytes.subarray(start, end)));
  }
}

function isPlainWhole(number: string): boolean {
  return /^(-?[1-9]\d*|0)$/.test(number);
}
