import {availableParallelism} from 'node:os';
import {defineConfig} from 'vitest/config';

const resultFile = process.env['VITEST_RESULT_FILE'];

/** What these change or see concerns the whole process: its time zone, its secrets, its modules, its connections. */
const alone = [
  'test/engine/casts.test.ts',
  'test/secret.test.ts',
  'test/cli/run-state.test.ts',
  'test/source/network-failure.test.ts',
  'test/source/settings.test.ts',
  'test/source/uri.test.ts',
  'test/destination/postgres/uri.test.ts',
];

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    projects: [
      {extends: true, test: {name: 'alone', include: alone}},
      // The others share processes: to load the modules for each file would take half of the time.
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: alone,
          isolate: false,
          globalSetup: ['test/helpers/announce-postgres.ts', 'test/helpers/offer-extensions.ts'],
        },
      },
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // More than there are cores: tests wait for servers, disks and processes for half of their time.
    maxWorkers: availableParallelism() + 2,
    ...(resultFile !== undefined && {reporters: ['default', 'json'], outputFile: {json: resultFile}}),
  },
});
