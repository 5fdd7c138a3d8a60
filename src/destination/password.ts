import {Secret} from '../secret.js';
import {readSecretFile, tidy} from '../secret-file.js';

/** The password of a destination, from our variables or else those that its own programs read. */
export async function findPassword(
  env: Readonly<Record<string, string | undefined>>,
  ...others: readonly string[]
): Promise<Secret | null> {
  const ours =
    env['DOCEBO_DEST_PASSWORD'] || readSecretFile('DOCEBO_DEST_PASSWORD_FILE', env['DOCEBO_DEST_PASSWORD_FILE']);
  const theirs = others.map(name => env[name] ?? '').find(value => value !== '') ?? '';
  const found = ours ? tidy(ours, 'DOCEBO_DEST_PASSWORD') : theirs;
  return found === '' ? null : new Secret(found);
}
