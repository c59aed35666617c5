import { createServer } from 'node:net';

/**
 * Finds a TCP port of this machine that nobody listens on.
 *
 * @returns a port number, free a moment ago: whoever uses it must be ready to lose the race and ask again
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === 'object') resolve(address.port);
        else reject(new Error('The operating system gave no port.'));
      });
    });
  });
}
