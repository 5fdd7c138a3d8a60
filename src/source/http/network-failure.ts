import {errors} from 'undici';
import {judge} from './policy.js';
import type {HttpProxy} from './proxy.js';
import {ProxyRefusal} from './proxy-agent.js';

interface Way {
  readonly origin: string;
  readonly proxy: HttpProxy | null;
}

/** What to do about a failure on the way to Docebo. */
export interface Remedy {
  readonly hint: string;
  /** Whether it lasts until somebody does something. */
  readonly isLasting: boolean;
}

/** Undefined if nothing but waiting is known to help. */
export function findRemedy(cause: unknown, {origin, proxy}: Way): Remedy | undefined {
  if (cause instanceof ProxyRefusal && proxy !== null) return findProxyRemedy(cause, origin, proxy);
  const lasting = /^(ENOTFOUND|ECONNREFUSED|EPROTO|TLS_WANTED)$|CERT|SIGNATURE|^ERR_SSL_/;
  const code = readCodes(cause).find(each => lasting.test(each));
  const hint = code === undefined ? undefined : nameRemedy(code, origin, proxy);
  return hint === undefined ? undefined : {hint, isLasting: true};
}

function findProxyRemedy({status}: ProxyRefusal, origin: string, {variable, authorization}: HttpProxy): Remedy {
  if (judge(status) === 'retry')
    return {
      hint: `The proxy that ${variable} names did not get through to ${origin}: try again later.`,
      isLasting: false,
    };
  if (status !== 407)
    return {hint: `The proxy that ${variable} names does not let this through to ${origin}.`, isLasting: true};
  const hint =
    authorization === null
      ? `It wants a user and a password: write ${variable} as http://user:password@host:port.`
      : `It does not accept the user and the password in ${variable}.`;
  return {hint, isLasting: true};
}

function nameRemedy(code: string, origin: string, proxy: HttpProxy | null): string {
  if (code === 'ENOTFOUND' || code === 'ECONNREFUSED') {
    return proxy === null
      ? `${origin} cannot be reached: check base_url and the network.`
      : `The proxy ${proxy.origin} cannot be reached: check ${proxy.variable} and the network.`;
  }
  if (code === 'TLS_WANTED') {
    return proxy === null
      ? `${origin} speaks TLS: base_url has to begin with https.`
      : `The proxy ${proxy.origin} speaks TLS: ${proxy.variable} has to begin with https.`;
  }
  if (/^(EPROTO$|ERR_SSL_)/.test(code))
    return `${origin} does not speak TLS as it should: check the port, and whether base_url should begin with https.`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `The certificate of ${origin} belongs to another host: check base_url.`;
  if (/EXPIRED|NOT_YET_VALID/.test(code))
    return `The certificate of ${origin} is not valid today: check this machine's clock, or have it renewed.`;
  return (
    `${origin} shows a certificate that Node does not trust, perhaps that of a proxy that opens TLS. Give Node the certificate of its authority: ` +
    'NODE_EXTRA_CA_CERTS=/path/to/ca.pem in the environment, not in a --dotenv file.'
  );
}

/** Whether the other side closed the connection, or sent what is not HTTP. */
export function isClosed(cause: unknown): boolean {
  return readCodes(cause).some(code => /^(UND_ERR_SOCKET|ECONNRESET|EPIPE|HTTP_PARSER|HPE_.*)$/.test(code));
}

/** The code of a network failure, wherever it is in the chain of causes. */
export function readCode(cause: unknown): string | undefined {
  return readCodes(cause)[0];
}

function readCodes(cause: unknown): readonly string[] {
  if (typeof cause !== 'object' || cause === null) return [];
  const deeper = 'cause' in cause ? readCodes(cause.cause) : [];
  if ('code' in cause && typeof cause.code === 'string') return [cause.code, ...deeper];
  // The only failure of undici's that may have no code.
  return cause instanceof errors.HTTPParserError ? ['HTTP_PARSER', ...deeper] : deeper;
}
