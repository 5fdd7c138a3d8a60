import {airbyte} from '../../src/destination/messages/airbyte.js';
import type {Bookmarks, Stream} from '../../src/destination/messages/dialect.js';
import {openMessages} from '../../src/destination/messages/messages.js';
import {tableNamed} from './rehearsal.js';

/** What Airbyte's messages hold, as far as tests ask. */
interface Message {
  readonly type: string;
  readonly record?: {readonly stream: string};
  readonly state?: {readonly stream: {readonly stream_state: unknown}};
}

/** A reader of Airbyte's messages, as a destination, and what it was sent. */
export function openReader(streams: readonly Stream[], bookmarks: Bookmarks = {}) {
  const said: string[] = [];
  const messages = (): readonly Message[] =>
    said
      .join('')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
  return {
    destination: openMessages({
      dialect: airbyte,
      streams,
      bookmarks,
      write: async text => void said.push(text.toString()),
    }),
    messages,
    /** How many rows of a table were sent. */
    countRows: (name: string) =>
      messages().filter(({type, record}) => type === 'RECORD' && record?.stream === name).length,
  };
}

/** Whole declared tables. */
export function streamsOf(names: readonly string[]): readonly Stream[] {
  return names.map(name => ({table: tableNamed(name), isChosen: () => true}));
}
