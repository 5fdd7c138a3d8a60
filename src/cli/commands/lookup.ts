import {DoceboClient} from '../../client/client.js';
import type {User} from '../../client/users.js';
import {CredentialsError} from '../../errors.js';
import type {Docebo} from '../../source/docebo.js';
import {readAccess} from '../options/access.js';
import type {Args, lookupOptions} from '../options/command-options.js';
import {formatTable} from '../printing/format.js';
import {print, printJson} from '../printing/print.js';
import {tellWarning} from '../printing/tell-warning.js';
import {withDocebo} from '../progress/with-docebo.js';

type LookupArgs = Args<typeof lookupOptions> & {readonly text: string};

/** Prints the users who hold a text, as Docebo's own search finds them, and the one whose id it is. None is no failure. */
export async function runLookup({text: given, limit, ...args}: LookupArgs): Promise<void> {
  const text = given.trim();
  const access = await readAccess(args);
  const found = await withDocebo(access, 'ask', async docebo => findUsers(docebo, text, limit)).catch(explain);
  const users = found.slice(0, limit);
  const tell = (message: string) => {
    if (args.quiet !== true) tellWarning(args.progress, {table: null, message});
  };
  if (found.length > limit) tell(`There are more than ${limit} of them: --limit shows more.`);
  // Docebo looks for the text within one field (tables/API.md#users).
  const hint = /\s/.test(text) ? ' A first and a last name are two fields: look for one of them.' : '';
  if (found.length === 0) tell(`No user holds ${JSON.stringify(text)}.${hint}`);
  if (args.json) return printJson(users.map(toMembers));
  if (users.length > 0) await print(formatUsers(users));
}

/** One more than `limit` if there are more. */
async function findUsers(docebo: Docebo, text: string, limit: number): Promise<readonly User[]> {
  const {users} = new DoceboClient(docebo);
  const found = new Map<bigint, User>();
  for await (const user of users.list({searchText: text, limit: limit + 1})) found.set(user.user_id, user);
  // Docebo's search does not look at ids.
  const own = /^\d{1,18}$/.test(text) && Number(text) > 0 ? await users.get(text) : undefined;
  return own === undefined || found.has(own.user_id) ? [...found.values()] : [own, ...found.values()];
}

function explain(error: unknown): never {
  if (!(error instanceof CredentialsError)) throw error;
  const {hint, status, error: named, errorDescription, message, cause} = error;
  throw new CredentialsError(`Failed to authenticate: ${message}`, {
    ...{hint, error: named, errorDescription, cause},
    ...(status !== undefined && {status}),
  });
}

function formatUsers(users: readonly User[]): string {
  const columns = [
    {title: 'user_id', align: 'right'},
    {title: 'username'},
    {title: 'name', wraps: true},
    {title: 'email, if another'},
    {title: 'active'},
  ] as const;
  const rows = users.map(user => [
    String(user.user_id),
    user.username ?? '',
    user.fullname ?? [user.first_name, user.last_name].filter(name => name !== null).join(' '),
    // A narrow terminal breaks what is wide, and the two are often alike.
    user.email === user.username ? '' : (user.email ?? ''),
    user.status === null ? '' : user.status ? 'yes' : 'no',
  ]);
  return formatTable(columns, rows);
}

/** Integers that a double would change stay text. */
function toMembers(user: User): Readonly<Record<string, unknown>> {
  const plain = (value: unknown) =>
    typeof value !== 'bigint' ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return Object.fromEntries(Object.entries(user).map(([name, value]) => [name, plain(value)]));
}
