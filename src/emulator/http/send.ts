import type {IncomingMessage, ServerResponse} from 'node:http';
import {gzipSync} from 'node:zlib';
import type {Fault} from '../faults.js';
import {failure, failureBody, json, maintenancePage, type Reply} from './reply.js';

export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const zipped = reply.body.length > 1024 && String(request.headers['accept-encoding']).includes('gzip');
  const body = zipped ? gzipSync(reply.body, {level: 1}) : Buffer.from(reply.body);
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(zipped && {'content-encoding': 'gzip'}),
    'content-length': body.length,
  });
  response.end(body);
}

/** Answers as the fault says. `slow` only delays: the caller answers after it. */
export function sendFault(request: IncomingMessage, response: ServerResponse, fault: Fault, reply: Reply): void {
  switch (fault.kind) {
    case 'status':
      send(request, response, faultReply(fault.status, fault.retryAfter));
      return;
    case 'html':
      send(request, response, maintenancePage);
      return;
    case 'error-body':
      send(request, response, json(failureBody(503)));
      return;
    case 'truncated': {
      const body = Buffer.from(reply.body);
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
    case 'slow':
      return;
  }
}

function faultReply(status: number, retryAfter: number | string | undefined): Reply {
  return failure(status, undefined, retryAfter === undefined ? {} : {'retry-after': String(retryAfter)});
}
