/** A broker of long ago, as far as a client gets with one: it says which requests it knows, and knows no others. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface OldKafka {
  readonly address: string;
  close(): void;
}

export interface Age {
  /** The newest version of ApiVersions that it reads: 3 from Kafka 2.4 on. */
  readonly apiVersions: number;
  /** The newest version of Fetch: 11 in Kafka 2.3, 16 in 3.8. */
  readonly fetch: number;
}

const API_VERSIONS = 18;
const UNSUPPORTED_VERSION = 35;
const METADATA = 3;
const FETCH = 1;

export async function oldKafka(age: Age): Promise<OldKafka> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let read = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      read = Buffer.concat([read, bytes]);
      while (read.length >= 4 && read.length >= 4 + read.readInt32BE(0)) {
        const request = read.subarray(4, 4 + read.readInt32BE(0));
        read = read.subarray(4 + request.length);
        const answer = answerTo(request, age);
        if (answer === undefined)
          socket.destroy(); // what a broker does with a request that it cannot read
        else socket.write(answer);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

function answerTo(request: Buffer, { apiVersions, fetch }: Age): Buffer | undefined {
  const [api, version] = [request.readInt16BE(0), request.readInt16BE(2)];
  if (api !== API_VERSIONS) return undefined;
  const known = [
    [FETCH, fetch],
    [METADATA, 8],
    [API_VERSIONS, apiVersions],
  ] as const;
  const isFlexible = version >= 3 && version <= apiVersions;
  const error = version > apiVersions ? UNSUPPORTED_VERSION : 0; // said in version 0, which everybody reads
  const count = isFlexible ? Buffer.from([known.length + 1]) : int32(known.length);
  const apis = known.map(([key, newest]) =>
    Buffer.concat([int16(key), int16(0), int16(newest), Buffer.alloc(isFlexible ? 1 : 0)]),
  );
  const throttle = Buffer.alloc(isFlexible ? 5 : version >= 1 && error === 0 ? 4 : 0); // and tags, where there may be some
  const body = Buffer.concat([request.subarray(4, 8), int16(error), count, ...apis, throttle]);
  return Buffer.concat([int32(body.length), body]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
