import {availableParallelism} from 'node:os';
import {defineConfig} from 'vitest/config';

const resultFile = process.env['VITEST_RESULT_FILE'];

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/announce-postgres.ts', 'test/helpers/announce-extensions.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One more than there are cores: most tests wait for servers, disks and processes now and then.
    maxWorkers: availableParallelism() + 1,
    ...(resultFile !== undefined && {reporters: ['default', 'json'], outputFile: {json: resultFile}}),
  },
});
