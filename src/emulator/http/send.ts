import type {IncomingMessage, ServerResponse} from 'node:http';
import {promisify} from 'node:util';
import {gzip} from 'node:zlib';
import type {Reply} from './reply.js';

const zip = promisify(gzip);

/** Compressed bodies, kept as long as their replies. */
const zippedBodies = new WeakMap<Reply, Buffer>();

async function zipBody(reply: Reply): Promise<Buffer> {
  const known = zippedBodies.get(reply);
  if (known !== undefined) return known;
  const zipped = await zip(reply.body, {level: 1});
  zippedBodies.set(reply, zipped);
  return zipped;
}

export async function send(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const zipped = reply.body.length > 1024 && String(request.headers['accept-encoding']).includes('gzip');
  const body = zipped ? await zipBody(reply) : reply.body;
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(zipped && {'content-encoding': 'gzip'}),
    'content-length': body.length,
  });
  response.end(body);
}
