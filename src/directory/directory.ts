import {type Environment, readClientEnvironment} from '../client/from-environment.js';
import {RejectedError, UsageError} from '../errors.js';
import {hide, Secret} from '../secret.js';
import {readSecretFile, tidy} from '../secret-file.js';
import {type Docebo, type DoceboOptions, openDocebo} from '../source/docebo.js';
import {
  isUnknownUser,
  type KnownWho,
  listGiven,
  type NewUser,
  readWho,
  refuseUnwritable,
  type Standing,
  type UserApi,
  type UserChanges,
  type Who,
} from './api.js';
import {legacyApi} from './legacy.js';
import {modernApi} from './modern.js';
import {findNewId} from './proof.js';
import {refuseBlank, type SignIn, signInUrl, tokenSignInUrl} from './sign-in.js';
import type {LegacyCredentials} from './signature.js';
import {type Write, Writer} from './writer.js';

export interface DirectoryOptions {
  /** With them users are written by the legacy API, and by the modern one without. */
  readonly legacy?: LegacyCredentials;
  /** Look everything up, and write nothing. @default false */
  readonly dryRun?: boolean;
}

export interface WriteOptions {
  /** @default that of the directory */
  readonly dryRun?: boolean;
  /** Ends it. If the write was sent by then, UncertainError is thrown, and InterruptedError otherwise. */
  readonly signal?: AbortSignal;
}

/** What became of a user. */
export interface Written<Outcome extends string> {
  readonly outcome: Outcome;
  /** Null if Docebo does not tell, if it could not be looked up, or if the user was only about to be made (`dryRun`). */
  readonly userId: bigint | null;
  /** Whether nothing was written, although `outcome` says what would become of the user. */
  readonly isDryRun: boolean;
}

/**
 * Makes, changes and removes users. Each call first looks how things stand, and writes only if there is something to do: called twice, it does no harm. A
 * write is never sent again unless it is known not to have happened. If that is not known, UncertainError is thrown.
 */
export class DoceboDirectory {
  readonly #docebo: Docebo;
  readonly #writer: Writer;
  readonly #api: UserApi;
  readonly #isDryRun: boolean;

  /** `docebo`: an open tenant, such as `client.docebo`, whose budget and token are shared. */
  constructor(docebo: Docebo, {legacy, dryRun = false}: DirectoryOptions = {}) {
    this.#docebo = docebo;
    this.#writer = new Writer(docebo);
    this.#api = legacy === undefined ? modernApi(docebo) : legacyApi(legacy, this.#writer);
    this.#isDryRun = dryRun;
  }

  /**
   * Signs in as the command does. `api: 'legacy'` needs DOCEBO_BASE_URL, DOCEBO_LEGACY_API_KEY and DOCEBO_LEGACY_API_SECRET only, each of the two also
   * with `_FILE`. Throws UsageError that names what is missing.
   */
  static fromEnv({
    env = process.env,
    api = 'modern',
    dryRun = false,
    ...given
  }: DoceboOptions & {
    readonly env?: Environment;
    readonly api?: 'modern' | 'legacy';
    readonly dryRun?: boolean;
  } = {}): DoceboDirectory {
    const isLegacy = api === 'legacy';
    const legacy = isLegacy ? readLegacyCredentials(env) : undefined;
    const {settings, options} = readClientEnvironment(env, {mayLackCredentials: isLegacy});
    const docebo = openDocebo(settings, {...options, ...given});
    return new DoceboDirectory(docebo, {dryRun, ...(legacy !== undefined && {legacy})});
  }

  /** Whether a user of this name is there, in any case. */
  async exists(username: string, {signal}: Pick<WriteOptions, 'signal'> = {}): Promise<boolean> {
    refuseBlank('username', username);
    return (await this.#api.find({username}, signal)) !== undefined;
  }

  /** Makes a user, unless one of that name exists, in any case: that one stays as it is, and its id is told. */
  async create(user: NewUser, options: WriteOptions = {}): Promise<Written<'created' | 'exists'>> {
    const {username} = user;
    refuseUnwritable(user);
    refuseBlank('username', username);
    hide(user.password ?? '');
    const write = this.#api.create(user);
    const before = await this.#api.find({username}, options.signal);
    if (before !== undefined) return this.#tell('exists', before.userId, options);
    if (this.#isDry(options)) return this.#tell('created', null, options);
    // Once the write is answered, the answer stands: a look-up that fails only adds nothing to it.
    const lookAgain = async () => this.#api.find({username}, options.signal).catch(() => undefined);
    let answer: unknown;
    try {
      answer = await this.#writer.send(write, options.signal);
    } catch (error) {
      // Somebody else may have made the user meanwhile.
      const other = error instanceof RejectedError ? await lookAgain() : undefined;
      if (other === undefined) throw error;
      return this.#tell('exists', other.userId, options);
    }
    return this.#tell('created', findNewId(answer) ?? (await lookAgain())?.userId ?? null, options);
  }

  /** Changes what differs. Throws RejectedError (404) if there is no such user, and UsageError if there is nothing to change. */
  async update(who: Who, changes: UserChanges, options: WriteOptions = {}): Promise<Written<'updated' | 'unchanged'>> {
    refuseUnwritable(changes);
    const given = listGiven(changes);
    if (given.length === 0) throw new UsageError('There is nothing to change.');
    if (changes.username !== undefined) refuseBlank('username', changes.username);
    hide(changes.password ?? '');
    const user = await this.#require(readWho(who), options);
    const isSame = given.every(([name, value]) => name !== 'password' && user.details[name] === value);
    if (isSame) return this.#tell('unchanged', user.userId, options);
    return this.#write(this.#api.update(user, changes), 'updated', user, options);
  }

  /** Keeps the user from signing in, and leaves all else. Throws RejectedError (404) if there is no such user. */
  async deactivate(who: Who, options: WriteOptions = {}): Promise<Written<'deactivated' | 'unchanged'>> {
    const user = await this.#require(readWho(who), options);
    if (user.isActive === false) return this.#tell('unchanged', user.userId, options);
    return this.#write(this.#api.deactivate(user), 'deactivated', user, options);
  }

  /** Removes the user for good, with all enrolments. One who is not there is `absent`. */
  async delete(who: Who, options: WriteOptions = {}): Promise<Written<'deleted' | 'absent'>> {
    const known = readWho(who);
    const user = await this.#api.find(known, options.signal);
    if (user === undefined) return this.#tell('absent', null, options);
    return this.#write(this.#api.remove(user), 'deleted', user, options).catch(async (error: unknown) => {
      // Somebody else may have removed the user meanwhile. A refusal alone does not say so: the right or the route may be lacking.
      const isAbsent = async () =>
        this.#api.find(known, options.signal).then(
          again => again === undefined,
          () => false,
        );
      if (isUnknownUser(error) || (error instanceof RejectedError && (await isAbsent())))
        return this.#tell('absent', null, options);
      throw error;
    });
  }

  /** See `signInUrl`. */
  signInUrl(signIn: SignIn): string {
    return signInUrl(this.#baseUrl, signIn);
  }

  /** See `tokenSignInUrl`. */
  tokenSignInUrl(token: Parameters<typeof tokenSignInUrl>[1]): string {
    return tokenSignInUrl(this.#baseUrl, token);
  }

  /** Closes the connections of the tenant. */
  async close(): Promise<void> {
    await this.#docebo.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #baseUrl(): string {
    const [url = ''] = this.#docebo.tenant.split('?');
    return url;
  }

  #isDry({dryRun = this.#isDryRun}: WriteOptions): boolean {
    return dryRun;
  }

  #tell<O extends string>(outcome: O, userId: string | null, options: WriteOptions): Written<O> {
    return {outcome, userId: userId === null ? null : BigInt(userId), isDryRun: this.#isDry(options)};
  }

  async #require(who: KnownWho, {signal}: WriteOptions): Promise<Standing> {
    const user = await this.#api.find(who, signal);
    if (user !== undefined) return user;
    const named = 'username' in who ? `the username ${JSON.stringify(who.username)}` : `the id ${who.userId}`;
    throw new RejectedError({request: 'The look-up', status: 404, attempts: 1, said: `there is no user with ${named}`});
  }

  async #write<O extends string>(
    write: Write,
    outcome: O,
    {userId}: Standing,
    options: WriteOptions,
  ): Promise<Written<O>> {
    if (!this.#isDry(options)) await this.#writer.send(write, options.signal);
    return this.#tell(outcome, userId, options);
  }
}

function readLegacyCredentials(env: Environment): LegacyCredentials {
  const read = (name: string) => {
    const value = env[name] ?? readSecretFile(`${name}_FILE`, env[`${name}_FILE`]);
    return value === undefined ? '' : tidy(value, name);
  };
  const given = {
    DOCEBO_LEGACY_API_KEY: read('DOCEBO_LEGACY_API_KEY'),
    DOCEBO_LEGACY_API_SECRET: read('DOCEBO_LEGACY_API_SECRET'),
  };
  const missing = Object.entries(given).flatMap(([name, value]) => (value === '' ? [name] : []));
  if (missing.length === 0)
    return {key: new Secret(given.DOCEBO_LEGACY_API_KEY), secret: new Secret(given.DOCEBO_LEGACY_API_SECRET)};
  throw new UsageError(
    `The legacy API needs its key pair: ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing.`,
    {
      hint: "It is in the tab Legacy API of Docebo's API and SSO app.",
    },
  );
}
