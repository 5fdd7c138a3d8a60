import {freezeList, type List} from './list.js';

/** Lists as they were when a cursor was asked for (tables/API.md#cursors). How long Docebo keeps a cursor is not known. */
export interface Cursors {
  /** Returns the cursor's id, or null if the tenant gives no cursors. */
  freeze(path: string, list: List<unknown>): string | null;
  find(path: string, id: string): List<unknown> | undefined;
}

export function createCursors(kind: 'frozen' | 'absent' | 'expired'): Cursors {
  const frozen = new Map<string, List<unknown>>();
  const key = (path: string, id: string): string => `${path} ${id}`;
  let made = 0;
  return {
    freeze(path, list) {
      if (kind === 'absent') return null;
      made += 1;
      const id = `cursor${String(made).padStart(26, '0')}`;
      if (kind === 'frozen') frozen.set(key(path, id), freezeList(list));
      return id;
    },
    find: (path, id) => frozen.get(key(path, id)),
  };
}
