import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HttpResponse, MalformedResponse, ResponseReader } from './response-http.ts';

const wire = (...lines: readonly string[]): Buffer => Buffer.from(lines.join('\r\n'), 'latin1');

/** Reads `bytes` in the pieces they are cut into. */
function readIn(pieces: readonly Buffer[]): HttpResponse | undefined {
  const reader = new ResponseReader();
  let found: HttpResponse | undefined;
  for (const piece of pieces) found = reader.read(piece) ?? found;
  return found ?? reader.end();
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set([0, ...at.map((place) => place % bytes.length), bytes.length])].sort(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

const RESPONSES: readonly [
  what: string,
  bytes: Buffer,
  status: number,
  body: string,
  isKeptAlive: boolean,
][] = [
  ['a length', wire('HTTP/1.1 200 OK', 'Content-Length: 5', '', 'hello'), 200, 'hello', true],
  ['an empty body', wire('HTTP/1.1 503 Service Unavailable', 'content-length:0', '', ''), 503, '', true],
  ['no reason', wire('HTTP/1.1 200', 'CONTENT-LENGTH:   2  ', '', 'ok'), 200, 'ok', true],
  [
    'chunks, with an extension and a trailer',
    wire(
      'HTTP/1.1 200 OK',
      'Transfer-Encoding: chunked',
      '',
      '5;a=b',
      'hello',
      '6',
      ' world',
      '0',
      'x-sum: 1',
      '',
      '',
    ),
    200,
    'hello world',
    true,
  ],
  ['chunks, none', wire('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '0', '', ''), 200, '', true],
  [
    'line ends within a chunk',
    wire('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '6', '\r\n0\r\n\r', '0', '', ''),
    200,
    '\r\n0\r\n\r',
    true,
  ],
  [
    'an end with the connection',
    wire('HTTP/1.1 200 OK', 'server: x', '', 'all there is'),
    200,
    'all there is',
    false,
  ],
  [
    'no more to come',
    wire('HTTP/1.1 401 No', 'connection: close', 'content-length: 1', '', 'x'),
    401,
    'x',
    false,
  ],
  ['HTTP/1.0', wire('HTTP/1.0 200 OK', 'content-length: 1', '', 'x'), 200, 'x', false],
  [
    'HTTP/1.0 kept',
    wire('HTTP/1.0 200 OK', 'connection: Keep-Alive', 'content-length: 1', '', 'x'),
    200,
    'x',
    true,
  ],
  ['no content', wire('HTTP/1.1 204 No Content', 'date: now', '', ''), 204, '', true],
  [
    'an announcement first',
    wire('HTTP/1.1 103 Early Hints', 'link: x', '', 'HTTP/1.1 200 OK', 'content-length: 2', '', 'ok'),
    200,
    'ok',
    true,
  ],
];

describe('a response is read the same, however its bytes are cut:', () => {
  test.each(RESPONSES)('%s', (_what, bytes, status, body, isKeptAlive) => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { maxLength: 12 }), (places) => {
        const found = readIn(cut(bytes, places));
        expect(found?.body.toString('latin1')).toBe(body);
        expect([found?.status, found?.isKeptAlive]).toEqual([status, isKeptAlive]);
      }),
    );
    expect(readIn([...bytes].map((byte) => Buffer.of(byte)))?.status).toBe(status);
  });
});

test('one response after another, each whole', () => {
  const reader = new ResponseReader();
  for (const body of ['one', 'three', '']) {
    const found = reader.read(wire('HTTP/1.1 200 OK', `content-length: ${body.length}`, '', body));
    expect(found?.body.toString()).toBe(body);
  }
});

test('a connection whose answer is followed by what nobody asked for is not used again', () => {
  const found = new ResponseReader().read(
    wire('HTTP/1.1 200 OK', 'content-length: 1', '', 'xHTTP/1.1 200 OK'),
  );
  expect([found?.body.toString(), found?.isKeptAlive]).toEqual(['x', false]);
});

test('a length that the connection does not live up to is no response', () => {
  const reader = new ResponseReader();
  expect(reader.read(wire('HTTP/1.1 200 OK', 'content-length: 10', '', 'half'))).toBeUndefined();
  expect(reader.end()).toBeUndefined();
});

test.each([
  ['another protocol', wire('SSH-2.0-OpenSSH', '', '')],
  ['another version', wire('HTTP/2 200', '', '')],
  ['no status', wire('HTTP/1.1 2000 OK', '', '')],
  ['a length that is none', wire('HTTP/1.1 200 OK', 'content-length: 5, 5', '', 'hello')],
  ['a negative length', wire('HTTP/1.1 200 OK', 'content-length: -1', '', '')],
  ['a length beyond any sense', wire('HTTP/1.1 200 OK', 'content-length: 99999999999', '', '')],
  ['a coding we do not speak', wire('HTTP/1.1 200 OK', 'transfer-encoding: gzip, chunked', '', '')],
  ['a chunk without a size', wire('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', 'zz', '')],
  [
    'a chunk longer than it says',
    wire('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '2', 'hello', ''),
  ],
  ['a change of protocol', wire('HTTP/1.1 101 Switching Protocols', '', '')],
  ['a head without an end', Buffer.alloc(70_000, 'a')],
])('%s is refused', (_what, bytes) => {
  expect(() => new ResponseReader().read(bytes)).toThrow(MalformedResponse);
});
