import type {IncomingHttpHeaders} from 'node:http';

export type TokenRequest = Readonly<Record<string, string>>;

/** Forms, multipart and JSON all work, and the client may come in a Basic header (tables/API.md#token-requests). */
export function readTokenRequest(headers: IncomingHttpHeaders, body: string): TokenRequest {
  return {...readBasic(headers.authorization), ...readBody(headers['content-type'] ?? '', body)};
}

function readBody(contentType: string, body: string): Record<string, string> {
  const boundary = /multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary !== undefined) return readMultipart(body, boundary);
  if (contentType.includes('json')) return readJson(body);
  return Object.fromEntries(new URLSearchParams(body));
}

function readJson(body: string): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(body);
    const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
    return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
  } catch {
    return {};
  }
}

function readMultipart(body: string, boundary: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const part of body.split(`--${boundary}`)) {
    const [, name, value] = /name="([^"]+)".*?\r?\n\r?\n(.*?)\r?\n$/s.exec(part) ?? [];
    if (name !== undefined && value !== undefined) fields[name] = value;
  }
  return fields;
}

function readBasic(authorization: string | undefined): Record<string, string> {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return {};
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':');
  return {client_id: id, client_secret: secret.join(':')};
}
