/** A TCP proxy on the loopback address that changes a word of the server's: a real server in all but what it claims to be. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface LyingProxy {
  readonly port: number;
  close(): void;
}

/** `lie` must be as long as `truth`, in bytes: protocols count them. */
export async function lyingProxy(port: number, truth: string, lie: string): Promise<LyingProxy> {
  if (Buffer.byteLength(truth) !== Buffer.byteLength(lie)) throw new RangeError('a lie of another length');
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) =>
      near.write(Buffer.from(bytes.toString('latin1').replaceAll(truth, lie), 'latin1')),
    );
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, close };
}
