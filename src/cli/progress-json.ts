import type {Progress} from './progress.js';

/** Every event as a line of JSON, for programs that watch. */
export function openJsonProgress(stream: NodeJS.WritableStream): Progress {
  return {
    onEvent: event => {
      stream.write(`${JSON.stringify({time: new Date().toISOString(), ...event})}\n`);
    },
    close: () => {},
  };
}
