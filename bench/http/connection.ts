/** One keep-alive connection with one request under way: as little as a client can be, since it runs beside the server. */
import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = Buffer.from('content-length: ');
const OK = Buffer.from('HTTP/1.1 200');

export class Connection {
  readonly #socket: Socket;
  readonly #onAnswer: (isOk: boolean, connection: Connection) => void;
  #part: Buffer | undefined;
  /** When the order under way was due, for whoever measures. */
  dueAt = 0;

  private constructor(socket: Socket, onAnswer: (isOk: boolean, connection: Connection) => void) {
    this.#socket = socket;
    this.#onAnswer = onAnswer;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#hear(bytes));
  }

  static open(url: URL, onAnswer: (isOk: boolean, connection: Connection) => void): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname, () => resolve(new Connection(socket, onAnswer)));
      socket.on('error', reject);
    });
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(bytes: Buffer): void {
    const answer = this.#part === undefined ? bytes : Buffer.concat([this.#part, bytes]);
    const headEnd = answer.indexOf(HEAD_END);
    const lengthAt = answer.indexOf(LENGTH);
    const isWhole =
      headEnd >= 0 &&
      answer.length >= headEnd + HEAD_END.length + integerAt(answer, lengthAt + LENGTH.length);
    this.#part = isWhole ? undefined : answer;
    if (isWhole) this.#onAnswer(answer.subarray(0, OK.length).equals(OK), this);
  }
}

function integerAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at; ; i++) {
    const digit = (bytes[i] ?? 0) - 48;
    if (digit < 0 || digit > 9) return value;
    value = 10 * value + digit;
  }
}
