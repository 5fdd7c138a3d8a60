import {generateKeyPairSync} from 'node:crypto';
import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {type Emulator, type Fault, startEmulator} from '../src/emulator/index.js';
import {runCli} from './cli/run-cli.js';

const secrets = {clientSecret: 's3cret-of-the-client', password: 'pa55-word-of-admin'};
const credentials = {clientId: 'the-client', username: 'admin@example.com', ...secrets};

let emulator: Emulator;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-secrets-'));
  emulator = await startEmulator({users: 20, credentials});
});

afterEach(async () => {
  await emulator.close();
  await rm(folder, {recursive: true});
});

const always = Number.POSITIVE_INFINITY;
const troubles: Readonly<Record<string, readonly Fault[]>> = {
  'a run without trouble': [],
  'a refused token': [{match: '/manage/v1/user', kind: 'status', status: 401, times: always}],
  'a forbidden table': [{match: '/manage/v1/user', kind: 'status', status: 403, times: always}],
  'a page of HTML': [{match: '/learn/v1/certification', kind: 'html'}],
  'a connection reset': [{match: '/learn/v1/certification', kind: 'reset'}],
};

test.each(Object.entries(troubles))(
  '%s shows no secret, whatever is logged and however it is signed in',
  async (_, faults) => {
    const {privateKey} = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: {type: 'pkcs8', format: 'pem'},
      publicKeyEncoding: {type: 'spki', format: 'pem'},
    });
    await writeFile(join(folder, 'key.pem'), privateKey);
    const base = {DOCEBO_BASE_URL: emulator.url, DOCEBO_CLIENT_ID: credentials.clientId};
    const ways: readonly Readonly<Record<string, string>>[] = [
      {...base, DOCEBO_CLIENT_SECRET: secrets.clientSecret},
      {
        ...base,
        DOCEBO_CLIENT_SECRET: secrets.clientSecret,
        DOCEBO_USERNAME: credentials.username,
        DOCEBO_PASSWORD: secrets.password,
      },
      {...base, DOCEBO_USERNAME: credentials.username, DOCEBO_PRIVATE_KEY_FILE: join(folder, 'key.pem')},
      {...base, DOCEBO_CLIENT_SECRET: `${secrets.clientSecret}-wrong`},
      {DOCEBO_BASE_URL: emulator.url, DOCEBO_TOKEN: 'a-token-that-is-not-good'},
    ];
    const body = /^[\w+/=]{60,}$/m.exec(privateKey)?.[0] ?? privateKey;
    const hidden = [...Object.values(secrets), 'a-token-that-is-not-good', body];
    for (const env of ways) {
      emulator.setFaults(faults);
      const {stdout, stderr} = await runCli(
        [
          'ingest',
          ...['--source-table', 'users,certifications', '--dest-uri', `duckdb:///${folder}/out.duckdb`],
          ...['--state-dir', join(folder, 'state'), '--debug', '--progress', 'log'],
        ],
        env,
      );
      expect(stderr).not.toBe('');
      for (const secret of hidden) expect(`${stdout}${stderr}`).not.toContain(secret);
      for (const token of tokensIn(stdout + stderr)) expect.fail(`a token is shown: ${token}`);
    }
    const files = await readdir(join(folder, 'state'), {recursive: true, withFileTypes: true});
    for (const file of files.filter(entry => entry.isFile())) {
      const text = await readFile(join(file.parentPath, file.name), 'utf8');
      for (const secret of hidden) expect(text).not.toContain(secret);
    }
  },
);

/** Docebo's tokens are 40 hexadecimal digits (api-facts §1.4). */
function tokensIn(output: string): readonly string[] {
  return output.match(/\b[0-9a-f]{40}\b/g) ?? [];
}
