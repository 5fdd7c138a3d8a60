/** Loaded before the command: leaves behind how much memory the process took at its peak, in MB. */
import {readFileSync, writeFileSync} from 'node:fs';

process.on('exit', () => {
  const file = process.env['BENCH_USAGE_FILE'];
  if (file !== undefined) writeFileSync(file, JSON.stringify({peakMb: readPeakKb() / 1024}));
});

/** Linux carries maxRSS over from the process that spawned this one; VmHWM belongs to this one alone. */
function readPeakKb(): number {
  try {
    const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (peak !== undefined) return Number(peak);
  } catch {
    // No /proc: another system than Linux.
  }
  return process.resourceUsage().maxRSS;
}
