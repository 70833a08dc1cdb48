/** A link between two parts that can be made to fail: a TCP proxy in user space, so that no one needs to be root. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type LinkFault, WHOLE } from './link-fault.ts';
import { Pipe } from './pipe.ts';

export interface LinkFigures {
  readonly connections: number;
  readonly bytesToServer: number;
  readonly bytesToClient: number;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** On loopback, at any free port. */
export const ANYWHERE: Address = { host: '127.0.0.1', port: 0 };

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  readonly toServer: Pipe;
  readonly toClient: Pipe;
}

export class FaultProxy {
  readonly #target: Address;
  readonly #listener: Server;
  readonly #connections = new Set<Connection>();
  #fault: LinkFault = WHOLE;
  #made = 0;
  #toServer = 0;
  #toClient = 0;

  private constructor(target: Address) {
    this.#target = target;
    this.#listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
  }

  /** Listens `at` an address of loopback; port 0: any free one. */
  static async listen(target: Address, at: Address = ANYWHERE): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#listener.once('error', reject);
      proxy.#listener.listen(at.port, at.host, resolve);
    });
    return proxy;
  }

  get port(): number {
    const address = this.#listener.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return address.port;
  }

  get figures(): LinkFigures {
    let [bytesToServer, bytesToClient] = [this.#toServer, this.#toClient];
    for (const { toServer, toClient } of this.#connections) {
      bytesToServer += toServer.bytes;
      bytesToClient += toClient.bytes;
    }
    return { connections: this.#made, bytesToServer, bytesToClient };
  }

  setFault(fault: LinkFault): void {
    this.#fault = fault;
    for (const connection of this.#connections) {
      if (fault.kind === 'reset') reset(connection);
      connection.toServer.setFault(fault);
      connection.toClient.setFault(fault);
    }
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) reset(connection);
    await new Promise<void>((resolve) => this.#listener.close(() => resolve()));
  }

  #accept(client: Socket): void {
    this.#made += 1;
    if (this.#fault.kind === 'reset') {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const server = connect({ ...this.#target, allowHalfOpen: true, noDelay: true });
    const toServer = new Pipe(client, server, 'toServer', this.#fault);
    const toClient = new Pipe(server, client, 'toClient', this.#fault);
    const connection: Connection = { client, server, toServer, toClient };
    this.#connections.add(connection);
    for (const socket of [client, server]) {
      socket.on('error', () => {}); // 'close' follows
      socket.on('close', () => {
        if (client.destroyed && server.destroyed) this.#forget(connection);
      });
    }
  }

  #forget(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    this.#toServer += connection.toServer.bytes;
    this.#toClient += connection.toClient.bytes;
  }
}

function reset({ client, server }: Connection): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}
