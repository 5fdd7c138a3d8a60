import {readCapture} from '../../capture/read-capture.js';
import {startEmulator} from '../../emulator/emulator.js';
import {startReplay} from '../../emulator/replay.js';
import {UsageError} from '../../errors.js';
import type {Args, emulatorOptions} from '../options/command-options.js';
import {print, tellLine} from '../printing/print.js';
import {untilStopped} from '../progress/interrupt.js';
import {writeSourceUri} from './source-uri.js';

export async function serveEmulator({
  users,
  seed,
  port,
  groups,
  courses,
  enrollments,
  without = [],
  replay,
}: Args<typeof emulatorOptions>): Promise<void> {
  const recording = replay === undefined ? undefined : await readCapture(replay);
  const start = async () =>
    recording === undefined
      ? startEmulator({users, seed, port, groups, courses, bulkEnrollments: enrollments === 'bulk', without})
      : startReplay(recording, {port});
  const emulator = await start().catch(cause => {
    throw new UsageError(`Port ${port} cannot be served: ${cause instanceof Error ? cause.message : cause}`, {
      hint: 'Choose another --port, or 0 for a free one.',
      cause,
    });
  });
  const sourceUri = writeSourceUri(emulator);
  await print(`${emulator.url}\n${sourceUri}\n`);
  tellLine(`For other commands: export DOCEBO_INGEST_SOURCE_URI='${sourceUri}'`);
  const days = replay === undefined ? ` POST ${emulator.url}/emulator/day lets a day pass in it.` : '';
  tellLine(`Serving ${replay === undefined ? 'an invented tenant' : `what ${replay} holds`}. Ctrl-C stops it.${days}`);
  await untilStopped();
  await emulator.close();
}
