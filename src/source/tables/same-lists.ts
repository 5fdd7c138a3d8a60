import {createHash} from 'node:crypto';
import {IncompleteError} from '../../errors.js';
import {readOwn} from '../../spool/record-values.js';
import type {Table} from '../../table.js';
import type {LandedPage, ListOutcome} from '../lists/list-context.js';
import type {ChildRoute} from './child-list.js';

type ListPages = AsyncGenerator<LandedPage, ListOutcome>;

/**
 * Notices that each parent got the same list. A server that does not know a query parameter ignores it, and then sends all rows for each parent; one that
 * does not know a path refuses it.
 */
export class SameLists {
  readonly #table: Table;
  /** The keys of each list that holds any, as a digest. */
  readonly #digests: string[] = [];

  constructor(table: Table) {
    this.#table = table;
  }

  /** Passes the pages of a list on. */
  async *watch({path, parent}: ChildRoute, pages: ListPages): ListPages {
    const isFilter = Object.keys(parent.bind).every(name => !path.includes(`{${name}}`));
    if (!isFilter) return yield* pages;
    const {primaryKey, columns} = this.#table;
    // What is bound differs for each parent, and other members of a record may change at any time.
    const names = primaryKey.filter(name => !(name in parent.bind));
    const keys = new Set<string>();
    let next = await pages.next();
    for (; !next.done; next = await pages.next()) {
      for (const record of await next.value.look())
        keys.add(JSON.stringify(names.map(name => readOwn(record, name, columns[name]))));
      yield next.value;
    }
    if (keys.size > 0)
      this.#digests.push(
        createHash('sha256')
          .update([...keys].sort().join('\n'))
          .digest('hex'),
      );
    return next.value;
  }

  /** Throws IncompleteError if no list differs from another. */
  refuse({parent}: ChildRoute): void {
    const {length} = this.#digests;
    if (length < 2 || new Set(this.#digests).size > 1) return;
    throw new IncompleteError(
      `The ${length} lists of ${this.#table.name} that hold any records are all the same: Docebo seems to ignore which of ${parent.table.name} is asked for.`,
      {hint: 'Leave the table out.'},
    );
  }
}
