import {startEmulator} from '../../emulator/emulator.js';
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
}: Args<typeof emulatorOptions>): Promise<void> {
  const emulator = await startEmulator({
    users,
    seed,
    port,
    groups,
    courses,
    bulkEnrollments: enrollments === 'bulk',
    without,
  }).catch(cause => {
    throw new UsageError(`Port ${port} cannot be served: ${cause instanceof Error ? cause.message : cause}`, {
      hint: 'Choose another --port, or 0 for a free one.',
      cause,
    });
  });
  await print(`${emulator.url}\n${writeSourceUri(emulator)}\n`);
  tellLine(`Serving an invented tenant. Ctrl-C stops it. POST ${emulator.url}/emulator/day lets a day pass in it.`);
  await untilStopped();
  await emulator.close();
}
