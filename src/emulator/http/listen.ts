import {createServer, type RequestListener} from 'node:http';

/** Serves on loopback. Rejects if the port is taken. */
export async function listen(
  listener: RequestListener,
  port: number,
): Promise<{readonly url: string; readonly close: () => Promise<void>}> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      await new Promise<void>(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
