/** Requests over HTTP/1.1, plain or TLS: a bounded set of keep-alive connections spread over the addresses of a deployment. */
import type { LookupFunction } from 'node:net';
import { answerIn, noAnswer } from './answers-http.ts';
import { Connection, type ConnectionListener } from './connection-http.ts';
import { requestOf } from './requests-http.ts';
import type { HttpResponse } from './response-http.ts';
import type { Answer, Operation, Transport } from './transport.ts';

export interface HttpTransportOptions {
  /** At least one. Connections are spread over them in turn. */
  readonly urls: readonly URL[];
  /** Connections at most; each has one request under way. */
  readonly connectionsMax: number;
  /** A request that is not answered by then counts as failed. Milliseconds. */
  readonly timeoutMs: number;
  /** Where the names in `urls` lead to; undefined: wherever they do. */
  readonly lookup?: LookupFunction | undefined;
}

interface UnderWay {
  readonly operation: Operation;
  readonly heard: (answer: Answer) => void;
  readonly endsAt: number;
}

/** Connections that may be opening at once: a server is not greeted by a thousand handshakes. */
const OPENING_MAX = 16;
/** After a connection could not be opened, none is tried for so long, in milliseconds. */
const REST_MS = 100;
const SWEEP_MS = 50;

export class HttpTransport implements Transport {
  onRoom: () => void = () => {};
  readonly troubles = new Map<string, number>();
  readonly #options: HttpTransportOptions;
  /** Those with nothing under way, the one that rested longest first: a server closes what rests for long. */
  readonly #free: Connection[] = [];
  readonly #underWay = new Map<Connection, UnderWay>();
  readonly #opening = new Set<Connection>();
  readonly #listener: ConnectionListener;
  readonly #sweeper: NodeJS.Timeout;
  #opened = 0;
  #restsUntil = 0;
  #isClosed = false;

  constructor(options: HttpTransportOptions) {
    this.#options = options;
    this.#listener = {
      opened: (connection) => {
        this.#opening.delete(connection);
        this.#release(connection);
      },
      answered: (response, connection) => this.#answered(response, connection),
      lost: (why, connection) => this.#lost(why, connection),
    };
    this.#sweeper = setInterval(() => this.#giveUpLate(), SWEEP_MS);
    this.#sweeper.unref();
  }

  hasRoom(): boolean {
    if (this.#free.length > 0) return true;
    this.#openOneMore();
    return false;
  }

  begin(operation: Operation, token: string, heard: (answer: Answer) => void): void {
    const connection = this.#free.shift();
    if (connection === undefined) throw new TypeError('there is no room');
    const endsAt = performance.now() + this.#options.timeoutMs;
    this.#underWay.set(connection, { operation, heard, endsAt });
    connection.send(requestOf(operation, token, connection.url));
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweeper);
    for (const connection of [...this.#free, ...this.#opening]) connection.close();
    for (const connection of [...this.#underWay.keys()]) this.#fail(connection, 'HUNG_UP');
    this.#free.length = 0;
    this.#opening.clear();
  }

  #openOneMore(): void {
    const { urls, connectionsMax, lookup } = this.#options;
    const there = this.#free.length + this.#underWay.size + this.#opening.size;
    const mayOpen = there < connectionsMax && this.#opening.size < OPENING_MAX && !this.#isClosed;
    const url = urls[this.#opened % urls.length];
    if (!mayOpen || url === undefined || performance.now() < this.#restsUntil) return;
    this.#opened += 1;
    this.#opening.add(new Connection(url, this.#listener, lookup));
  }

  #release(connection: Connection): void {
    this.#free.push(connection);
    this.onRoom();
  }

  #answered(response: HttpResponse, connection: Connection): void {
    const underWay = this.#underWay.get(connection);
    this.#underWay.delete(connection);
    if (underWay !== undefined) underWay.heard(answerIn(underWay.operation, response));
    if (response.isKeptAlive) this.#release(connection);
  }

  #lost(why: string, connection: Connection): void {
    if (this.#underWay.has(connection)) return this.#fail(connection, why);
    const isNew = this.#opening.delete(connection);
    if (isNew) {
      this.#restsUntil = performance.now() + REST_MS;
      this.troubles.set(why, (this.troubles.get(why) ?? 0) + 1);
    }
    const at = this.#free.indexOf(connection);
    if (at >= 0) this.#free.splice(at, 1); // closed while it rested: nobody was waiting for it
  }

  #fail(connection: Connection, why: string): void {
    const underWay = this.#underWay.get(connection);
    this.#underWay.delete(connection);
    connection.close();
    underWay?.heard(noAnswer(why));
  }

  #giveUpLate(): void {
    const now = performance.now();
    for (const [connection, { endsAt }] of this.#underWay) {
      if (endsAt > now) return; // the map is in the order they began in, and all have the same time
      this.#fail(connection, 'TIMEOUT');
    }
  }
}
