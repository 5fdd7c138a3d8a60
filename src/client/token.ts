import {RejectedError, UnavailableError, UsageError} from '../errors.js';
import type {Docebo} from '../source/docebo.js';
import {readCode} from '../source/http/network-failure.js';
import {judge} from '../source/http/policy.js';
import {describeRefusal, readDetails} from '../source/http/setback.js';

const logout = '/manage/v1/user/logout';

/** The bearer token that all calls of a client share. It is renewed by itself before it expires. */
export class Token {
  readonly #docebo: Pick<Docebo, 'client'>;

  constructor(docebo: Pick<Docebo, 'client'>) {
    this.#docebo = docebo;
  }

  /** The token in use, or a new one if there is none or it is about to expire. A secret: whoever has it may do what its user may. */
  async get(): Promise<string> {
    return (await this.#docebo.client.token()).reveal();
  }

  /** Signs in anew. The token before stays valid until it expires. Throws UsageError for a ready token, which stays in use. */
  async renew(): Promise<string> {
    const {tokens} = this.#docebo.client;
    if (!tokens.isRenewable)
      throw new UsageError('A ready token cannot be renewed.', {
        hint: 'Get a new one, or give client_id and client_secret instead.',
      });
    tokens.forget();
    return this.get();
  }

  /**
   * Has Docebo end the token and forgets it, whatever Docebo says; one that is being asked for is waited for. A later call signs in anew, unless a ready
   * token was given. Throws if Docebo did not confirm the end: the token then stays valid until it expires. Like signing in, this is no call for data: it
   * is not counted in `limits`.
   */
  async end(): Promise<void> {
    const {client} = this.#docebo;
    await client.tokens.settled();
    const token = client.tokens.forget();
    if (token === undefined) return;
    const request = `POST ${logout}`;
    const reply = await client.transport
      .postForm(logout, new URLSearchParams(), token.reveal())
      .catch((cause: unknown) => {
        const code = readCode(cause);
        if (code === undefined) throw cause;
        throw new UnavailableError({request, attempts: 1, said: code, cause});
      });
    // A token that is not accepted has ended.
    if (judge(reply.status) === 'accept' || reply.status === 401) return;
    const {status} = reply;
    throw new RejectedError({request, status, attempts: 1, said: describeRefusal(reply), ...readDetails(reply)});
  }
}
