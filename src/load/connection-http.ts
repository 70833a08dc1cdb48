/** One keep-alive connection with one request under way: as little as a client can be, since it often runs beside the server. */
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { hostOf } from './loopback.ts';
import { type HttpResponse, ResponseReader } from './response-http.ts';

export interface ConnectionListener {
  /** It is open: a request may be sent. */
  opened(connection: Connection): void;
  /** The request sent last is answered. Another may follow where `isKeptAlive` says so. */
  answered(response: HttpResponse, connection: Connection): void;
  /** It is gone, before it was open, in the middle of a request or at rest. Called once, unless {@link Connection.close} was. */
  lost(why: string, connection: Connection): void;
}

/** How long a connection may take to open, in milliseconds. */
const OPEN_MS_MAX = 10_000;

export class Connection {
  readonly url: URL;
  readonly #listener: ConnectionListener;
  readonly #socket: Socket;
  readonly #reader = new ResponseReader();
  #isUnderWay = false;
  #isOver = false;

  /** `lookup`: where the name in `url` leads to; undefined: wherever it does. */
  constructor(url: URL, listener: ConnectionListener, lookup?: LookupFunction) {
    this.url = url;
    this.#listener = listener;
    this.#socket = socketTo(url, lookup, () => this.#open());
    this.#socket.setNoDelay(true);
    this.#socket.setTimeout(OPEN_MS_MAX, () => this.#lose('ETIMEDOUT'));
    this.#socket.on('data', (bytes) => this.#hear(bytes));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#lose(error.code ?? error.name));
    this.#socket.on('close', () => this.#hangUp());
  }

  /** Resolves when it is open. @throws Error when it cannot be opened */
  static open(url: URL, onAnswer: ConnectionListener['answered']): Promise<Connection> {
    return new Promise((resolve, reject) => {
      new Connection(url, {
        opened: resolve,
        answered: onAnswer,
        lost: (why) => reject(new Error(`${url.host}: ${why}`)),
      });
    });
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Sends a whole request. Only when it is open and none is under way. */
  send(request: string | Buffer): void {
    this.#isUnderWay = true;
    this.#socket.write(request, 'latin1');
  }

  /** Hangs up, and tells nobody. */
  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #open(): void {
    this.#socket.setTimeout(0);
    this.#listener.opened(this);
  }

  #hear(bytes: Buffer): void {
    if (this.#isOver) return;
    if (!this.#isUnderWay) return this.#lose('UNASKED_ANSWER');
    let response: HttpResponse | undefined;
    try {
      response = this.#reader.read(bytes);
    } catch (error) {
      return this.#lose((error as Error).name);
    }
    if (response !== undefined) this.#answer(response);
  }

  #answer(response: HttpResponse): void {
    this.#isUnderWay = false;
    if (!response.isKeptAlive) this.close();
    this.#listener.answered(response, this);
  }

  /** The peer hung up: that ends a body without a length, and loses anything else. */
  #hangUp(): void {
    if (this.#isOver) return;
    const response = this.#reader.end();
    if (response === undefined) this.#lose('CONNECTION_CLOSED');
    else this.#answer(response);
  }

  #lose(why: string): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.lost(why, this);
  }
}

function socketTo(url: URL, lookup: LookupFunction | undefined, onOpen: () => void): Socket {
  const host = hostOf(url);
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port || (isSecure ? 443 : 80));
  const place = { host, port, ...(lookup === undefined ? {} : { lookup }) };
  if (!isSecure) return connect(place, onOpen);
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connectSecurely({ ...place, ALPNProtocols: ['http/1.1'], ...name }, onOpen);
}
