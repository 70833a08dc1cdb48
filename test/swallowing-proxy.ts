/** A TCP proxy on the loopback address that can go on accepting bytes and deliver none: a cut that nobody is told of. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class SwallowingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What was connected before is swallowed; what comes later passes. */
  #swallowed: ReadonlySet<Socket> = new Set();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(host: string, port: number): Promise<SwallowingProxy> {
    const server = createServer();
    const proxy = new SwallowingProxy(server);
    server.on('connection', (near) => proxy.#join(near, connect(port, host)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on nothing of the connections that are open arrives anywhere. */
  swallow(): void {
    this.#swallowed = new Set(this.#sockets);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes) => {
        if (!this.#swallowed.has(from)) to.write(bytes);
      });
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        if (!this.#swallowed.has(from)) to.destroy();
      });
    }
  }
}
