import {findObstacle} from './extensions.js';

/** Says once which tests are left out, and why. Where their packages were to be installed, says so by failing. */
export function setup(): void {
  const obstacle = findObstacle();
  if (obstacle === undefined) return;
  const told = `The tests of ducklake: are left out: ${obstacle}.`;
  if ((process.env['DOCEBO_TEST_PYTHON'] ?? '') !== '') throw new Error(told);
  process.stderr.write(`${told}\n`);
}
