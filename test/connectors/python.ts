import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';

/** The bin folder of a virtual environment that holds requirements.txt. Its tests are skipped if the variable is not set; if it is, what lacks fails them. */
const folder = process.env['DOCEBO_TEST_PYTHON'] ?? '';

/** What the title of a skipped test says; empty if nothing is skipped. */
export const lacksPython =
  folder === ''
    ? ' (needs DOCEBO_TEST_PYTHON, the bin folder of an environment with test/connectors/requirements.txt)'
    : '';

/** Runs a program of that environment with this on stdin, and gives its stdout. Throws what it says if it fails. */
export async function runPython(program: string, args: readonly string[], stdin = ''): Promise<string> {
  const file = join(folder, program);
  if (!existsSync(file)) throw new TypeError(`There is no ${program} in ${folder}.`);
  const child = spawn(file, args);
  // It may fail before it has read everything; its exit code says so.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>(resolve => child.once('exit', resolve)),
  ]);
  if (code !== 0) throw new TypeError(`${program} ended with ${code}: ${stderr.slice(-2000)}`);
  return stdout;
}
