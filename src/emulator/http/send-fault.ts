import type {IncomingMessage, ServerResponse} from 'node:http';
import type {Fault} from '../faults.js';
import {bendReply} from '../list-faults.js';
import {failure, failureBody, json, maintenancePage, type Reply} from './reply.js';
import {send} from './send.js';

/** Answers as the fault says. Faults that only change the time or the content of the answer go on to the usual reply. */
export async function sendFault(
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault,
  reply: Reply,
): Promise<void> {
  switch (fault.kind) {
    case 'status':
      return send(request, response, faultReply(fault.status, fault.retryAfter));
    case 'html':
      return send(request, response, maintenancePage);
    case 'error-body':
      return send(request, response, json(failureBody(503)));
    case 'failure-body':
      return send(request, response, json({success: false, error: 500, message: fault.message ?? 'Internal error.'}));
    case 'redirect':
      return send(request, response, {...failure(fault.status ?? 302), headers: {location: fault.location}});
    case 'truncated':
      response.writeHead(200, {...reply.headers, 'content-length': reply.body.length});
      response.write(halve(reply.body), () => response.destroy());
      return;
    case 'cut':
      return send(request, response, {...reply, body: halve(reply.body)});
    case 'stall':
      response.writeHead(200, {...reply.headers, 'content-length': reply.body.length});
      response.write(halve(reply.body));
      return;
    case 'wrong-length':
      sendWrongLength(response, reply, fault.by);
      return;
    case 'drip':
      drip(response, reply, fault.intervalMs);
      return;
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
    case 'repeated-page':
      return send(request, response, reply);
    default:
      return send(request, response, reply.status === 200 ? bendReply(reply, fault) : reply);
  }
}

/** The status that a fault sends; 0 if it sends none. */
export function statusSent(fault: Fault | undefined, usual: Reply): number {
  switch (fault?.kind) {
    case 'status':
      return fault.status;
    case 'redirect':
      return fault.status ?? 302;
    case 'hang':
    case 'reset':
      return 0;
    case 'html':
    case 'error-body':
    case 'failure-body':
    case 'truncated':
    case 'cut':
    case 'stall':
    case 'wrong-length':
    case 'drip':
    case 'garbage-gzip':
      return 200;
    default:
      return usual.status;
  }
}

function faultReply(status: number, retryAfter: number | string | undefined): Reply {
  return failure(status, undefined, retryAfter === undefined ? {} : {'retry-after': String(retryAfter)});
}

function halve(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.length / 2));
}

/** Ends the connection with the body, so that a client that waits for the promised bytes learns that they will not come. */
function sendWrongLength(response: ServerResponse, reply: Reply, by: number): void {
  response.writeHead(200, {...reply.headers, 'content-length': reply.body.length + by, connection: 'close'});
  response.end(reply.body);
}

/** Blanks, which are valid JSON, follow the last byte, so that only a deadline ends it. */
function drip(response: ServerResponse, reply: Reply, intervalMs: number): void {
  response.writeHead(200, reply.headers);
  let sent = 0;
  const timer = setInterval(() => {
    response.write(sent < reply.body.length ? reply.body.subarray(sent, sent + 1) : ' ');
    sent += 1;
  }, intervalMs);
  response.on('close', () => clearInterval(timer));
}
