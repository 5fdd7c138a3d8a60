import {availableParallelism} from 'node:os';
import {defineConfig} from 'vitest/config';

const resultFile = process.env['VITEST_RESULT_FILE'];

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // On two cores vitest would take one; but most tests wait for servers, disks and processes.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    ...(resultFile !== undefined && {reporters: ['default', 'json'], outputFile: {json: resultFile}}),
  },
});
