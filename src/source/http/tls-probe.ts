import {isIP} from 'node:net';
import {connect} from 'node:tls';

/** A server that was asked by plain HTTP speaks TLS. It closes the connection without a word, as a server in trouble may do too. */
export class TlsWanted extends Error {
  readonly code = 'TLS_WANTED';
}

/** Whether a server that closed a connection of plain HTTP accepts a TLS handshake. Nothing is sent to it, so its certificate does not matter. */
export async function speaksTls({hostname, port}: URL, timeoutMs: number): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const name = isIP(host) === 0 ? {servername: host} : {};
  return new Promise(resolve => {
    const socket = connect({host, port: Number(port || 80), rejectUnauthorized: false, timeout: timeoutMs, ...name});
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('secureConnect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.on('error', () => end(false));
    socket.once('close', () => resolve(false));
  });
}
