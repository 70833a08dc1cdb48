/** One connection to PostgreSQL, which leads to the primary wherever that is just now. */
import { Socket } from 'node:net';
import pg from 'pg';
import { type Address, addressOf } from './address.ts';
import { PrimaryFinder } from './primary.ts';

/**
 * The kind of client for `url`. With one host it is `pg`'s own and costs nothing more. With several each connection
 * asks first where the primary is, and is cut when that moves.
 */
export function clientFor(address: Address): typeof pg.Client {
  return address.urls.length === 1 ? pg.Client : RoutedClient;
}

/** What `pg` connects with; `urls` are kept aside for the client that chooses among them. */
export interface RoutedConfig extends pg.ClientConfig {
  /** Of several hosts. */
  readonly address?: Address;
}

/** What of an address every client is configured with. */
export function configOf(address: Address): RoutedConfig {
  const [first] = address.urls;
  const ssl = address.ssl === undefined ? {} : { ssl: address.ssl };
  const several = address.urls.length > 1 ? { address } : {};
  return { connectionString: first ?? '', ...ssl, ...several };
}

/** A client that asks for the primary before it connects, by a promise or (as `pg.Pool` does) with a callback. */
class RoutedClient extends pg.Client {
  readonly #finder: PrimaryFinder;
  readonly #socket: Socket;

  constructor(config?: string | RoutedConfig) {
    const given = typeof config === 'object' ? config : { connectionString: config ?? '' };
    const stream = given.stream?.();
    const socket = stream instanceof Socket ? stream : new Socket();
    super({ ...given, stream: () => socket });
    this.#socket = socket;
    this.#finder = PrimaryFinder.of(given.address ?? addressOf(given.connectionString ?? ''));
  }

  override connect(): Promise<void>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<void> | undefined {
    const connecting = this.#route().then((url) =>
      super.connect().then(
        () => this.#finder.guard(this.#socket, url),
        (error: unknown) => {
          this.#finder.distrust();
          throw error;
        },
      ),
    );
    if (callback === undefined) return connecting;
    connecting.then(() => callback(undefined as unknown as Error), callback); // `pg` says success with no error
    return undefined;
  }

  async #route(): Promise<string> {
    const url = await this.#finder.find();
    if (this.#socket.destroyed)
      throw new Error('Connection terminated: timeout exceeded while looking for the primary');
    const { hostname, port } = new URL(url);
    Object.assign(this, { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 5432) });
    return url;
  }
}
