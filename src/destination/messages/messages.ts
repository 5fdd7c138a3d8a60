import {loadDuckdb} from '../../engine/native.js';
import type {Destination} from '../destination.js';
import type {Bookmarks, Dialect, Stream} from './dialect.js';

export interface Messages {
  readonly dialect: Dialect;
  readonly streams: readonly Stream[];
  /** What the reader was told last, by table. */
  readonly bookmarks: Bookmarks;
  /** Resolves once the reader can take more. Rejects with DestinationError if it does not read any more. */
  readonly write: (text: string | Uint8Array) => Promise<void>;
}

/**
 * The program that reads stdout, as a destination: each proved table is sent in messages. What it does with them nobody says, so of its tables only those
 * in the bookmarks are known.
 */
export function openMessages(messages: Messages): Destination {
  return {
    address: {scheme: messages.dialect.protocol, path: 'stdout'},
    describe: ({name}) => name,
    async check() {
      await loadDuckdb();
      return [];
    },
    async findStanding(targets) {
      return new Set(targets.filter(({name}) => Object.hasOwn(messages.bookmarks, name)));
    },
    async publish(loads, options) {
      const {publishAsMessages} = await import('./publish-messages.js');
      return publishAsMessages(messages, loads, options);
    },
  };
}
