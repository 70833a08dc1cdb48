/** Ports of the loopback address: which are free. */
import { createServer } from 'node:net';

/** A port that nobody listens on just now; 0 when there is none. */
export async function freePort(): Promise<number> {
  return (await listenOn(0)) ?? 0;
}

/** Does nobody listen on `port`? 0 is no port. */
export async function isFree(port: number): Promise<boolean> {
  return port !== 0 && (await listenOn(port)) !== undefined;
}

/** The port it could listen on for a moment; undefined when it is taken. */
async function listenOn(port: number): Promise<number | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
