import {sql} from '../../engine/sql.js';
import type {Dialect} from './dialect.js';

export type StreamStatus = 'STARTED' | 'RUNNING' | 'COMPLETE' | 'INCOMPLETE';

/** Airbyte's messages (protocol version 0). */
export const airbyte: Dialect = {
  protocol: 'airbyte',
  frame: ({table}) => ({
    before: `{"type":"RECORD","record":{"stream":${JSON.stringify(table.name)},"emitted_at":${Date.now()},"data":`,
    after: sql`'}}'`,
  }),
  begin: ({stream: {table}}) => [traceStatus(table.name, 'STARTED'), traceStatus(table.name, 'RUNNING')],
  end: ({stream: {table}, bookmark, sent}) => [
    {
      type: 'STATE',
      state: {
        type: 'STREAM',
        stream: {stream_descriptor: {name: table.name}, stream_state: bookmark},
        sourceStats: {recordCount: sent},
      },
    },
    traceStatus(table.name, 'COMPLETE'),
  ],
};

export function traceStatus(name: string, status: StreamStatus) {
  return trace('STREAM_STATUS', {stream_status: {stream_descriptor: {name}, status}});
}

/** Whose fault it is, and whether trying again may help. */
export type FailureType = 'config_error' | 'transient_error' | 'system_error';

export function traceError(message: string, failureType: FailureType, stream?: string) {
  const descriptor = stream === undefined ? {} : {stream_descriptor: {name: stream}};
  return trace('ERROR', {error: {message, failure_type: failureType, ...descriptor}});
}

function trace(type: 'STREAM_STATUS' | 'ERROR', told: object) {
  return {type: 'TRACE', trace: {type, emitted_at: Date.now(), ...told}};
}
