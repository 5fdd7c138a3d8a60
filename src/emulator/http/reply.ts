export interface Reply {
  readonly status: number;
  /** Before compression. */
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Headers as recorded in 2018 (tables/API.md#response-headers). */
const jsonHeaders = {
  'content-type': 'application/json; charset=UTF-8',
  server: 'openresty',
  'x-docebo-api-version': '1.0.0',
  'access-control-allow-origin': '*',
};

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return {status, body: Buffer.from(JSON.stringify(body)), headers: {...jsonHeaders, ...headers}};
}

/** Maintenance pages are HTML with status 200 at times (tables/API.md#errors). */
export const maintenancePage: Reply = {
  status: 200,
  body: Buffer.from(
    '<!DOCTYPE html><html><head><title>We will be back soon</title></head><body>Maintenance</body></html>',
  ),
  headers: {'content-type': 'text/html; charset=UTF-8', server: 'openresty'},
};

const names: Readonly<Record<number, readonly [name: string, message: string]>> = {
  400: ['Bad Request', 'The request could not be understood.'],
  401: ['Unauthorized', 'Your request was made with invalid credentials.'],
  403: ['Forbidden', 'You are not allowed to perform this action.'],
  404: ['Not Found', 'The requested resource does not exist.'],
  429: ['Too Many Requests', 'Rate limit exceeded.'],
  503: ['Service Unavailable', 'The platform is temporarily overloaded.'],
};

/** The body of an API error, as far as it is known (tables/API.md#errors). */
export function failureBody(status: number, message?: string): unknown {
  const [name, usual] = names[status] ?? ['Error', 'An error occurred.'];
  return {name, message: [message ?? usual], code: 0, status};
}

export function failure(status: number, message?: string, headers?: Readonly<Record<string, string>>): Reply {
  return json(failureBody(status, message), status, headers);
}

/** What a route answers with if it is not JSON. */
/** As the legacy API fails: the status is the number of the error. */
export function legacyFailure(error: number, message: string): Reply {
  return json({success: false, error, message}, error);
}

export class Attachment {
  readonly reply: Reply;
  constructor(body: Buffer, contentType: string) {
    this.reply = {status: 200, body, headers: {...jsonHeaders, 'content-type': contentType}};
  }
}

/** Thrown by a route that cannot answer. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message?: string) {
    super(message);
    this.status = status;
  }
}
