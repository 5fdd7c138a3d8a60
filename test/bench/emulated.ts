import {type ChildProcess, fork} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import type {Credentials, SeenRequest} from '../../src/emulator/index.js';
import {Secret} from '../../src/secret.js';
import type {Settings} from '../../src/source/settings.js';
import type {Commands, Day, EmulatorSettings} from './emulator-commands.js';

const script = fileURLToPath(new URL('emulator-process.js', import.meta.url));

/** An emulator in another process. Its commands are asked one at a time. */
export class Emulated {
  readonly url: string;
  readonly credentials: Credentials;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string, credentials: Credentials) {
    this.#child = child;
    this.url = url;
    this.credentials = credentials;
  }

  static async start(settings: EmulatorSettings): Promise<Emulated> {
    const child = fork(script, [JSON.stringify(settings)], {stdio: ['ignore', 'inherit', 'inherit', 'ipc']});
    const {url, credentials} = await ask(child, 'address', null);
    return new Emulated(child, url, credentials);
  }

  /** Runs with an emulator that is gone afterwards. */
  static async with<T>(settings: EmulatorSettings, use: (emulated: Emulated) => Promise<T>): Promise<T> {
    const emulated = await Emulated.start(settings);
    try {
      return await use(emulated);
    } finally {
      await emulated.#stop();
    }
  }

  get settings(): Settings {
    const {clientId, clientSecret} = this.credentials;
    return {
      baseUrl: new URL(this.url),
      credentials: {grant: 'client_credentials', clientId, clientSecret: new Secret(clientSecret)},
    };
  }

  get env(): Record<string, string> {
    const {clientId, clientSecret} = this.credentials;
    return {DOCEBO_BASE_URL: this.url, DOCEBO_CLIENT_ID: clientId, DOCEBO_CLIENT_SECRET: clientSecret};
  }

  async requests(): Promise<readonly SeenRequest[]> {
    return ask(this.#child, 'requests', null);
  }

  async expectedCalls(): Promise<number> {
    return ask(this.#child, 'expectedCalls', null);
  }

  async passDay(day: Day): Promise<void> {
    await ask(this.#child, 'passDay', day);
  }

  async writeTyped(table: string, file: string): Promise<number> {
    return ask(this.#child, 'writeTyped', {table, file});
  }

  async #stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}

async function ask<Name extends keyof Commands>(
  child: ChildProcess,
  name: Name,
  argument: Parameters<Commands[Name]>[0],
): Promise<ReturnType<Commands[Name]>> {
  const reply = once(child, 'message');
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`The emulator's process ended with ${code}.`);
  });
  died.catch(() => {});
  child.send({name, argument});
  const [{answer, error}] = await Promise.race([reply, died]);
  if (error !== undefined) throw new Error(error);
  return answer;
}
