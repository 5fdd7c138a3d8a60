import {Pool, ProxyAgent} from 'undici';
import type {HttpProxy} from './proxy.js';

export interface Timeouts {
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
}

/** Sends what is asked of an https address through a tunnel, and of an http one in the form for proxies. */
export function openProxyAgent(
  {origin, authorization}: HttpProxy,
  {connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs}: Timeouts,
  userAgent: string,
): ProxyAgent {
  const timeouts = {headersTimeout: headersTimeoutMs, bodyTimeout: bodyTimeoutMs};
  // The connections to the proxy know no time limits but their own.
  const openPool = (address: string | URL, options: object) => new Pool(address, {...options, ...timeouts});
  return new ProxyAgent({
    uri: origin,
    ...(authorization !== null && {token: authorization.reveal()}),
    headers: {'user-agent': userAgent},
    proxyTunnel: false,
    proxyTls: {timeout: connectTimeoutMs},
    requestTls: {timeout: connectTimeoutMs},
    clientFactory: openPool,
    factory: openPool,
    ...timeouts,
  });
}

/** The proxy does not let a call through, which says nothing about Docebo. */
export class ProxyRefusal extends Error {
  readonly code = 'PROXY_REFUSAL';
  readonly status: number;

  constructor({origin}: HttpProxy, status: number, options?: ErrorOptions) {
    super(`the proxy ${origin} answered ${status}`, options);
    this.status = status;
  }
}

/** The status by which a proxy refused a call, of which undici makes an error with a sentence. */
export function readProxyStatus(error: unknown): number | undefined {
  const pattern = /^Proxy (?:response \((\d{3})\) !== 200|Authentication Required \((407)\))/;
  const [, tunnel, plain] = pattern.exec(error instanceof Error ? error.message : '') ?? [];
  return tunnel === undefined && plain === undefined ? undefined : Number(tunnel ?? plain);
}
