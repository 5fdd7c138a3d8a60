import {randomInt} from 'node:crypto';
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

/** Captures what is served there into a folder. Returns the replies as they came. */
export async function capture(
  served: Served,
  folder: string,
  {tables = known, pageSize = 20}: {readonly tables?: readonly Table[]; readonly pageSize?: number} = {},
) {
  const replies = new RecordedReplies();
  const docebo = await openServed(served, {pageSize, onReply: replies.onReply});
  try {
    const taken = await takeCapture(docebo, replies, {tables, known, random: randomInt});
    await writeCapture(folder, taken, {tool: 'docebo-ingest 0.0.0', day: '2026-01-31'});
    return {taken, replies};
  } finally {
    await docebo.close();
  }
}
