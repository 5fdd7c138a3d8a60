import {Pool, ProxyAgent} from 'undici';
import type {HttpProxy} from './proxy.js';

export interface Timeouts {
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
}

/** Sends requests to an https address through a tunnel, and those to an http address in the form for proxies. */
export function openProxyAgent(
  {origin, authorization}: HttpProxy,
  {connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs}: Timeouts,
  userAgent: string,
): ProxyAgent {
  const timeouts = {headersTimeout: headersTimeoutMs, bodyTimeout: bodyTimeoutMs};
  // The connections to the proxy do not inherit any time limits.
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

/** The proxy did not let a call through, which says nothing about Docebo. */
export class ProxyRefusal extends Error {
  readonly code = 'PROXY_REFUSAL';
  readonly status: number;

  constructor({origin}: HttpProxy, status: number, options?: ErrorOptions) {
    super(`the proxy ${origin} answered ${status}`, options);
    this.status = status;
  }
}

/** The status with which a proxy refused a call. undici tells it only in the sentence of its error. */
export function readProxyStatus(error: unknown): number | undefined {
  const pattern = /^Proxy (?:response \((\d{3})\) !== 200|Authentication Required \((407)\))/;
  const [, tunnel, plain] = pattern.exec(error instanceof Error ? error.message : '') ?? [];
  return tunnel === undefined && plain === undefined ? undefined : Number(tunnel ?? plain);
}
