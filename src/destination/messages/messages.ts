import {loadDuckdb} from '../../engine/native.js';
import type {Destination} from '../destination.js';
import type {Messages} from './dialect.js';

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
