import {findObstacle} from './postgres-server.js';

/** Says once which tests are left out, and why. Where they must not be, as in CI, says so by failing. */
export function setup(): void {
  const obstacle = findObstacle();
  if (obstacle === undefined) return;
  const told = `The tests of postgres:// are left out: ${obstacle}.`;
  if (process.env['DOCEBO_TEST_POSTGRES'] === 'required') throw new Error(told);
  process.stderr.write(`${told}\n`);
}
