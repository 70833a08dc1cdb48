/** Reads one HTTP/1.1 response after another from the bytes of a connection (RFC 9112). */

export interface HttpResponse {
  readonly status: number;
  readonly body: Buffer;
  /** May another request follow on this connection? */
  readonly isKeptAlive: boolean;
}

/** The bytes are no HTTP/1.1 response, or one larger than anyone sends us. */
export class MalformedResponse extends Error {
  override readonly name = 'MalformedResponse';
}

const HEAD_END = Buffer.from('\r\n\r\n');
const HEAD_BYTES_MAX = 65_536;
const BODY_BYTES_MAX = 67_108_864;
const NOTHING = Buffer.alloc(0);

/** Where a body ends: after so many bytes, after its last chunk, or with the connection. */
type Framing = number | 'chunks' | 'close';

interface Head {
  readonly status: number;
  readonly framing: Framing;
  readonly isKeptAlive: boolean;
}

export class ResponseReader {
  #head: Head | undefined;
  /** What has come and is not read, in the pieces it came in. */
  #pieces: Buffer[] = [];
  #held = 0;
  /** Bytes without which reading again is of no use. */
  #needed = 0;

  /** Takes what came. Undefined: the response is not whole yet. @throws MalformedResponse */
  read(bytes: Buffer): HttpResponse | undefined {
    this.#pieces.push(bytes);
    this.#held += bytes.length;
    if (this.#held > HEAD_BYTES_MAX + BODY_BYTES_MAX) throw new MalformedResponse('it is too large');
    if (this.#held < this.#needed) return undefined;
    this.#head ??= this.#readHead();
    if (this.#head === undefined) return undefined;
    const body = this.#readBody(this.#head.framing);
    return body === undefined ? undefined : this.#finish(body);
  }

  /** The peer has closed: a body without a length ends here. Undefined: nothing whole was left. */
  end(): HttpResponse | undefined {
    if (this.#head?.framing !== 'close') return undefined;
    return this.#finish(this.#take(this.#held));
  }

  #finish(body: Buffer): HttpResponse {
    const { status, isKeptAlive } = this.#head as Head;
    this.#head = undefined;
    this.#needed = 0;
    // Bytes that nobody asked for: what they belong to cannot be known.
    return { status, body, isKeptAlive: isKeptAlive && this.#held === 0 };
  }

  #readHead(): Head | undefined {
    for (;;) {
      const bytes = this.#whole();
      const end = bytes.indexOf(HEAD_END);
      if (end > HEAD_BYTES_MAX || (end < 0 && bytes.length > HEAD_BYTES_MAX)) {
        throw new MalformedResponse('its head does not end');
      }
      if (end < 0) return undefined;
      const head = headIn(bytes.toString('latin1', 0, end));
      this.#take(end + HEAD_END.length);
      if (head.status >= 200) return head;
      if (head.status === 101) throw new MalformedResponse('it changes the protocol'); // any other 1xx only announces
    }
  }

  #readBody(framing: Framing): Buffer | undefined {
    if (framing === 'close') return undefined;
    if (framing === 'chunks') return this.#readChunks();
    this.#needed = framing;
    return this.#held < framing ? undefined : this.#take(framing);
  }

  #readChunks(): Buffer | undefined {
    const bytes = this.#whole();
    const chunks: Buffer[] = [];
    for (let at = 0; ; ) {
      const lineEnd = bytes.indexOf('\r\n', at);
      if (lineEnd < 0) return undefined;
      const size = chunkSizeOf(bytes.toString('latin1', at, lineEnd));
      const begin = lineEnd + 2;
      if (size === 0) {
        const trailersEnd = bytes.indexOf(HEAD_END, lineEnd); // the empty line, right away or after trailers
        if (trailersEnd < 0) return undefined;
        this.#take(trailersEnd + HEAD_END.length);
        return Buffer.concat(chunks);
      }
      const end = begin + size;
      this.#needed = end + 2;
      if (bytes.length < end + 2) return undefined;
      if (bytes[end] !== 0x0d || bytes[end + 1] !== 0x0a) throw new MalformedResponse('a chunk does not end');
      chunks.push(bytes.subarray(begin, end));
      at = end + 2;
    }
  }

  /** All that is held, as one piece. */
  #whole(): Buffer {
    const [only = NOTHING] = this.#pieces;
    if (this.#pieces.length <= 1) return only;
    const whole = Buffer.concat(this.#pieces, this.#held);
    this.#pieces = [whole];
    return whole;
  }

  #take(count: number): Buffer {
    const whole = this.#whole();
    const rest = whole.subarray(count);
    this.#pieces = rest.length > 0 ? [rest] : [];
    this.#held = rest.length;
    return whole.subarray(0, count);
  }
}

const STATUS_LINE = /^http\/1\.([01]) ([1-5]\d\d)(?: |$|\r)/;

function headIn(text: string): Head {
  const lower = text.toLowerCase();
  const found = STATUS_LINE.exec(lower);
  if (found === null) throw new MalformedResponse('it does not begin as HTTP/1.1');
  const status = Number(found[2]);
  const connection = fieldIn(lower, 'connection') ?? '';
  const isKeptAlive = found[1] === '1' ? !connection.includes('close') : connection.includes('keep-alive');
  const framing = framingOf(status, lower);
  return { status, framing, isKeptAlive: isKeptAlive && framing !== 'close' };
}

function framingOf(status: number, head: string): Framing {
  if (status < 200 || status === 204 || status === 304) return 0;
  const coding = fieldIn(head, 'transfer-encoding');
  if (coding !== undefined) {
    if (coding === 'chunked') return 'chunks';
    throw new MalformedResponse(`its transfer coding is ${coding}`);
  }
  const length = fieldIn(head, 'content-length');
  if (length === undefined) return 'close';
  const bytes = /^\d+$/.test(length) ? Number(length) : Number.NaN;
  if (bytes <= BODY_BYTES_MAX) return bytes;
  throw new MalformedResponse(`its length is ${length}`);
}

/** The value of a field in a head that is all in lower case. */
function fieldIn(head: string, name: string): string | undefined {
  const at = head.indexOf(`\r\n${name}:`);
  if (at < 0) return undefined;
  const begin = at + name.length + 3;
  const end = head.indexOf('\r\n', begin);
  return head.slice(begin, end < 0 ? undefined : end).trim();
}

function chunkSizeOf(line: string): number {
  const digits = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
  if (digits === undefined) throw new MalformedResponse('a chunk has no size');
  return Number.parseInt(digits, 16);
}
