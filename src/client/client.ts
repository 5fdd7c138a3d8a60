import {declaredTables} from '../../tables/index.js';
import {UsageError} from '../errors.js';
import {type Docebo, type DoceboOptions, openDocebo} from '../source/docebo.js';
import {type Environment, readClientEnvironment} from './from-environment.js';
import {TableRows} from './table-rows.js';
import {Token} from './token.js';
import {Users} from './users.js';

type Declared = (typeof declaredTables)[number];

/** The name of a declared table. */
export type TableName = Declared['name'];

/** The declaration of that name. */
export type TableOf<N extends TableName> = Extract<Declared, {readonly name: N}>;

/** What is known of the calls. */
export interface Limits {
  /** Calls for data that this client has made, retries included. */
  readonly made: number;
  /** Calls allowed in any hour; null if no limit was given, since Docebo does not tell its own. */
  readonly perHour: number | null;
  /** Calls that are left of the hour, over everything on this machine that shares the state folder; null without a limit. */
  readonly left: number | null;
  /** When the next call may be made, if the hour is used up or Docebo asked for quiet (Retry-After); null for now. */
  readonly nextAt: Date | null;
}

export interface ClientOptions extends DoceboOptions {
  /** @default process.env */
  readonly env?: Environment;
}

/**
 * A small client for what a program looks up, on the same calls, token, budget, retries and errors as a load. It only reads. Nothing is sent before it is
 * asked for something. Every error is an `IngestError`, with Docebo's `error`, `errorDescription`, `status` and `field` where it names them.
 */
export class DoceboClient {
  readonly users: Users;
  readonly token: Token;
  /** The tenant that it asks. A load of it (`ingest`) or a directory shares the budget and the token. */
  readonly docebo: Docebo;

  /** For a tenant that is open already: the client and a load then share one budget and one token. */
  constructor(docebo: Docebo) {
    this.docebo = docebo;
    this.users = new Users(docebo);
    this.token = new Token(docebo);
  }

  /** Signs in as the command does, by the variables that it reads. Throws UsageError that names all that is missing. */
  static fromEnv({env = process.env, ...given}: ClientOptions = {}): DoceboClient {
    const {settings, options} = readClientEnvironment(env);
    return new DoceboClient(openDocebo(settings, {...options, ...given}));
  }

  /** A declared table, whose rows have the types of its columns. Throws UsageError for another name. */
  table<N extends TableName>(name: N): TableRows<TableOf<N>> {
    const table = declaredTables.find((each): each is TableOf<N> => each.name === name);
    if (table !== undefined) return new TableRows(this.docebo, table);
    throw new UsageError(`There is no table ${JSON.stringify(name)}.`, {
      hint: `Tables: ${declaredTables.map(each => each.name).join(', ')}.`,
    });
  }

  get limits(): Limits {
    const {budget, client} = this.docebo;
    const hour = budget.hourlyUsage();
    const nextAtMs = Math.max(budget.quietUntilMs ?? 0, hour?.nextAtMs ?? 0);
    return {
      made: client.counts.requests,
      perHour: hour?.limit ?? null,
      left: hour === null ? null : Math.max(0, hour.limit - hour.used),
      nextAt: nextAtMs === 0 ? null : new Date(nextAtMs),
    };
  }

  /** Closes its connections; a call under way fails. */
  async close(): Promise<void> {
    await this.docebo.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
