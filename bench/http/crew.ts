/** The connections of one run: opened before it and closed after it, since a server hangs up on whoever rests too long. */
import { Connection } from '../../src/load/connection-http.ts';
import type { HttpResponse } from '../../src/load/response-http.ts';

export class Crew {
  readonly connections: readonly Connection[];
  /** Rejects when one is lost: no answer will ever come to it. */
  readonly lost: Promise<never>;
  /** Hears of every answer; `isOk`: it is a 200. */
  onAnswer: (isOk: boolean, connection: Connection) => void = () => {};
  readonly #lose: (why: Error) => void;

  private constructor(connections: readonly Connection[], lost: PromiseWithResolvers<never>) {
    this.connections = connections;
    this.lost = lost.promise;
    this.#lose = lost.reject;
  }

  /** @throws Error when one of `count` connections to `url` cannot be opened */
  static async open(url: URL, count: number): Promise<Crew> {
    const connections: Connection[] = [];
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => {}); // whoever waits for an answer hears of it
    const crew = new Crew(connections, lost);
    try {
      while (connections.length < count) connections.push(await crew.#connect(url));
    } catch (error) {
      crew.close();
      throw error;
    }
    return crew;
  }

  close(): void {
    for (const connection of this.connections) connection.close();
  }

  #connect(url: URL): Promise<Connection> {
    return new Promise((resolve, reject) => {
      new Connection(url, {
        opened: resolve,
        answered: (response, connection) => this.#hear(response, connection),
        lost: (why) => {
          const error = new Error(`${url.host}: a connection was lost: ${why}`);
          reject(error);
          this.#lose(error);
        },
      });
    });
  }

  #hear({ status, isKeptAlive }: HttpResponse, connection: Connection): void {
    if (isKeptAlive) this.onAnswer(status === 200, connection);
    else this.#lose(new Error(`${connection.url.host} hung up after an answer ${status}`));
  }
}
