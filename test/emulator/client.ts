import type {EmulatorOptions} from '../../src/emulator/index.js';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';

export type Body = Record<string, unknown>;

export interface Client {
  emulator: Emulator;
  get(path: string, headers?: Record<string, string>, options?: RequestInit): Promise<Response>;
  body(path: string): Promise<Body>;
  /** Every record of a paged list. */
  all(path: string): Promise<Body[]>;
}

export async function connect(options: EmulatorOptions = {}): Promise<Client> {
  const emulator = await startEmulator(options);
  const token = await askToken(emulator);
  const get = (path: string, headers: Record<string, string> = {}, options: RequestInit = {}): Promise<Response> =>
    fetch(emulator.url + path, {headers: {authorization: `Bearer ${token}`, ...headers}, ...options});
  const body = async (path: string): Promise<Body> => (await get(path)).json() as Promise<Body>;
  return {
    emulator,
    get,
    body,
    async all(path) {
      const records: Body[] = [];
      for (let page = 1; ; page += 1) {
        const {data} = await body(`${path}${path.includes('?') ? '&' : '?'}page=${page}&page_size=200`);
        const {items, has_more_data: more} = data as {items: Body[]; has_more_data: boolean};
        records.push(...items);
        if (!more) return records;
      }
    },
  };
}

export function tokenForm({credentials}: Emulator, changes: Record<string, string> = {}): URLSearchParams {
  const {clientId, clientSecret, username, password} = credentials;
  return new URLSearchParams({
    grant_type: 'password',
    client_id: clientId,
    client_secret: clientSecret,
    username,
    password,
    ...changes,
  });
}

async function askToken(emulator: Emulator): Promise<string> {
  const reply = await fetch(`${emulator.url}/oauth2/token`, {method: 'POST', body: tokenForm(emulator)});
  return ((await reply.json()) as {access_token: string}).access_token;
}
