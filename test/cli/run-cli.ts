import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';

export const main = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url));

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command with nothing in its environment but what is given. */
export function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<Outcome> {
  const options = {maxBuffer: 256 * 1024 * 1024, env: {PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...env}, cwd};
  return new Promise(resolve => {
    const child = execFile(process.execPath, [main, ...args], options, (_error, stdout, stderr) => {
      resolve({exitCode: child.exitCode ?? -1, stdout, stderr});
    });
    child.stdin?.end();
  });
}
