import {randomInt} from 'node:crypto';
import {createServer} from 'node:http';
import {RecordedReplies} from '../../src/capture/recorded-replies.js';
import {takeCapture} from '../../src/capture/take-capture.js';
import {writeCapture} from '../../src/capture/write-capture.js';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {type Docebo, openDocebo} from '../../src/source/docebo.js';
import {readSettings} from '../../src/source/settings.js';
import type {Table} from '../../src/table.js';
import {tables as known} from '../../tables/index.js';

interface Served {
  readonly url: string;
  readonly credentials: {readonly clientId: string; readonly clientSecret: string};
}

/** A tenant that is served on loopback, ready to be asked. */
export async function openServed(served: Served, more: Parameters<typeof openDocebo>[1] = {}): Promise<Docebo> {
  const settings = await readSettings({sourceUri: writeSourceUri(served), env: {}, allowHttp: true});
  return openDocebo(settings, more);
}

interface CaptureOptions {
  readonly tables?: readonly Table[];
  readonly pageSize?: number;
  readonly maxAttempts?: number;
}

/** Captures what is served there into a folder. Returns the replies as they came. */
export async function capture(
  served: Served,
  folder: string,
  {tables = known, pageSize = 20, maxAttempts = 6}: CaptureOptions = {},
) {
  const replies = new RecordedReplies();
  const docebo = await openServed(served, {pageSize, maxAttempts, onReply: replies.onReply});
  try {
    const taken = await takeCapture(docebo, replies, {tables, known, random: randomInt});
    await writeCapture(folder, taken, {tool: 'docebo-ingest 0.0.0', day: '2026-01-31'});
    return {taken, replies};
  } finally {
    await docebo.close();
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Serves tokens, and answers to anything else. */
export async function listenAs(answer: (path: string) => Answer): Promise<Served & {close(): Promise<void>}> {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const isToken = path.startsWith('/oauth2/token');
    const {
      status,
      body,
      headers = {'content-type': 'application/json'},
    } = isToken ? {status: 200, body: JSON.stringify({access_token: 'a'.repeat(40), expires_in: 3600})} : answer(path);
    request.resume();
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    credentials: {clientId: 'the-client', clientSecret: 'the-secret-of-it'},
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
