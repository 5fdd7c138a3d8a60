import {isIP} from 'node:net';
import {connect} from 'node:tls';

/** A server that was asked by plain HTTP speaks TLS. It closes the connection without a word, as a server in trouble may do too. */
export class TlsWanted extends Error {
  readonly code = 'TLS_WANTED';
}

/** Whether a server that closed a connection of plain HTTP accepts a TLS handshake; one whose certificate is refused does too. */
export async function speaksTls({hostname, port}: URL, timeoutMs: number): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const name = isIP(host) === 0 ? {servername: host} : {};
  return new Promise(resolve => {
    const socket = connect({host, port: Number(port || 80), timeout: timeoutMs, ...name});
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('secureConnect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.on('error', error => end('code' in error && /CERT|SIGNATURE/.test(String(error.code))));
    socket.once('close', () => resolve(false));
  });
}
