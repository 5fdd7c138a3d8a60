import type {IncomingMessage, ServerResponse} from 'node:http';
import {promisify} from 'node:util';
import {gzip} from 'node:zlib';
import type {Fault} from '../faults.js';
import {failure, failureBody, json, maintenancePage, type Reply} from './reply.js';

const zip = promisify(gzip);

/** Zipped bodies, for as long as their replies are kept. */
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

/** Answers as the fault says. Those that only change when or what is answered fall through to the usual reply. */
export async function sendFault(
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault,
  reply: Reply,
): Promise<void> {
  switch (fault.kind) {
    case 'status':
      await send(request, response, faultReply(fault.status, fault.retryAfter));
      return;
    case 'html':
      await send(request, response, maintenancePage);
      return;
    case 'error-body':
      await send(request, response, json(failureBody(503)));
      return;
    case 'truncated': {
      const {body} = reply;
      response.writeHead(200, {...reply.headers, 'content-length': body.length});
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
      return;
    }
    case 'garbage-gzip':
      response.writeHead(200, {...reply.headers, 'content-encoding': 'gzip'});
      response.end(Buffer.from('this is not gzip'));
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'hang':
      return;
    case 'slow':
    case 'shift':
      await send(request, response, reply);
  }
}

function faultReply(status: number, retryAfter: number | string | undefined): Reply {
  return failure(status, undefined, retryAfter === undefined ? {} : {'retry-after': String(retryAfter)});
}
