import {toJson} from './printable.js';
import type {Progress} from './progress.js';

/** Every event as a line of JSON, for programs that watch. */
export function openJsonProgress(stream: NodeJS.WritableStream): Progress {
  return {
    onEvent: event => {
      stream.write(`${toJson({time: new Date().toISOString(), ...event})}\n`);
    },
    close: () => {},
  };
}
