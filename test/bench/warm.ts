import {Agent, get} from 'node:http';
import {isDerived} from '../../src/routes.js';
import {PageFormat} from '../../src/source/lists/page.js';
import type {ApiRoute, Table} from '../../src/table.js';
import type {Emulated} from './emulated.js';

const inFlight = 8;

/** Every page of a table's first route, as the program asks for them. */
export function listPages(table: Table, rows: number, pageSize = 200): string[] {
  const route = table.routes.find((each): each is ApiRoute => !isDerived(each));
  if (route === undefined) throw new RangeError(`${table.name} has no pages.`);
  const format = new PageFormat(table, route, pageSize);
  return Array.from({length: Math.ceil(rows / pageSize)}, (_, index) =>
    format.ask({number: index + 1, bound: {}, extra: {}}),
  );
}

/** GETs every path, eight at a time, and throws the bodies away: how fast the emulator is, and how it gets warm. */
export async function getAll(
  emulated: Emulated,
  paths: readonly string[],
  encoding = 'gzip',
): Promise<{seconds: number; bytes: number}> {
  const headers = {authorization: `Bearer ${await askToken(emulated)}`, 'accept-encoding': encoding};
  const agent = new Agent({keepAlive: true, maxSockets: inFlight});
  const start = performance.now();
  let bytes = 0;
  const rest = paths.values();
  const lane = async (): Promise<void> => {
    for (const path of rest) {
      const received = await discard(emulated.url + path, {agent, headers});
      bytes += received;
    }
  };
  await Promise.all(Array.from({length: inFlight}, lane));
  agent.destroy();
  return {seconds: (performance.now() - start) / 1000, bytes};
}

function discard(url: string, options: {agent: Agent; headers: Record<string, string>}): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(url, options, response => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve(bytes) : reject(new Error(`${url} answered ${response.statusCode}.`)),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

async function askToken({url, credentials}: Emulated): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
  });
  const reply = await fetch(`${url}/oauth2/token`, {method: 'POST', body});
  return ((await reply.json()) as {access_token: string}).access_token;
}
