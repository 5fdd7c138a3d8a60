import {BlockList, isIP} from 'node:net';
import {UsageError} from '../../errors.js';
import {hide, Secret} from '../../secret.js';

/** A proxy between this program and Docebo that somebody configured. */
export interface HttpProxy {
  /** Address without user and password. */
  readonly origin: string;
  /** The variable that names it. */
  readonly variable: string;
  /** Value of the header that signs in to it. */
  readonly authorization: Secret | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY name for an address, unless NO_PROXY leaves it out; each in lower case first, as curl
 * reads them. Throws UsageError for one that is not an HTTP proxy: without it, requests would take a way that nobody asked for.
 */
export function findProxy({protocol, hostname, port}: URL, env: Environment): HttpProxy | null {
  const names = [protocol === 'https:' ? 'https_proxy' : 'http_proxy', 'all_proxy'];
  const [name] = names.flatMap(lower => [lower, lower.toUpperCase()]).filter(variable => env[variable]?.trim());
  if (name === undefined) return null;
  const left = env['no_proxy'] || env['NO_PROXY'] || '';
  if (isLeftOut(hostname, port || (protocol === 'https:' ? '443' : '80'), left)) return null;
  return parseProxy(name, (env[name] ?? '').trim());
}

function parseProxy(variable: string, text: string): HttpProxy {
  const address = /^[a-z][\w+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new UsageError(`${variable} does not name an HTTP proxy.`, {
      hint: 'It looks like http://user:password@host:port; name hosts that need no proxy in NO_PROXY.',
    });
  }
  const {origin, username, password} = url;
  if (username === '' && password === '') return {origin, variable, authorization: null};
  const [user, secret] = [decode(username), decode(password)];
  for (const text of [password, secret]) hide(text);
  const basic = Buffer.from(`${user}:${secret}`).toString('base64');
  hide(basic);
  return {origin, variable, authorization: new Secret(`Basic ${basic}`)};
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether an entry of NO_PROXY fits: a host, which includes those below it, an address, or a range of addresses. */
function isLeftOut(hostname: string, port: string, entries: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return entries
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .some(entry => {
      if (entry === '*') return true;
      if (isIP(entry) === 6 || entry.includes('/')) return host === entry || isWithin(host, entry);
      const [, name = '', only = port] = /^\[?(?:\*?\.)?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
      return only === port && (host === name || host.endsWith(`.${name}`));
    });
}

function isWithin(address: string, range: string): boolean {
  const [, net = '', bits] = /^(.+)\/(\d+)$/.exec(range) ?? [];
  const family = isIP(net) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(net) === 0 || isIP(address) !== isIP(net) || Number(bits) > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(net, Number(bits), family);
  return list.check(address, family);
}
