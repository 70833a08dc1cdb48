/** OTLP's two ways to write spans, read back for tests by the paper: what we send, others must be able to read. */

export interface Heard {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: it has no parent. */
  readonly parentId: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** Both in milliseconds since 1970. */
  readonly beganAt: number;
  readonly endedAt: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** As `TRACE/SPAN`. */
  readonly links: readonly string[];
  readonly isError: boolean;
}

interface JsonAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly JsonAttribute[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: { readonly code?: number };
}
interface JsonBody {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly JsonAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly JsonSpan[] }[];
  }[];
}

const ERROR = 2;
const ms = (nanos: bigint): number => Number(nanos / 1000n) / 1000;

const attributesOf = (attributes: readonly JsonAttribute[]): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [kind, given] = Object.entries(value)[0] ?? [];
      return [key, kind === 'intValue' ? Number(given) : given];
    }),
  );

export function spansOfJson(body: Buffer): readonly Heard[] {
  const { resourceSpans } = JSON.parse(body.toString('utf8')) as JsonBody;
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => heardOf(service, span)));
  });
}

const heardOf = (service: string, span: JsonSpan): Heard => ({
  service,
  traceId: span.traceId,
  spanId: span.spanId,
  parentId: span.parentSpanId ?? '',
  name: span.name,
  kind: span.kind,
  beganAt: ms(BigInt(span.startTimeUnixNano)),
  endedAt: ms(BigInt(span.endTimeUnixNano)),
  attributes: attributesOf(span.attributes),
  links: (span.links ?? []).map(({ traceId, spanId }) => `${traceId}/${spanId}`),
  isError: span.status?.code === ERROR,
});

/** A message's fields by their numbers: bytes for what has a length, a bigint for the rest. */
type Fields = ReadonlyMap<number, readonly (Buffer | bigint)[]>;

/** Protocol buffers, as far as OTLP uses them. */
function fieldsOf(bytes: Buffer): Fields {
  const fields = new Map<number, (Buffer | bigint)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const fixed = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    let value: Buffer | bigint;
    if (wire === 0) value = varint();
    else if (wire === 1) value = fixed(8);
    else if (wire === 2) value = fixed(Number(varint()));
    else value = fixed(4);
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

const all = (fields: Fields, number: number): readonly Buffer[] =>
  (fields.get(number) ?? []).filter((value) => Buffer.isBuffer(value));
const one = (fields: Fields, number: number): Buffer => all(fields, number)[0] ?? Buffer.alloc(0);
const int = (fields: Fields, number: number): number => Number(fields.get(number)?.[0] ?? 0n);

/** `repeated KeyValue` in the field `number`. */
function pairsIn(fields: Fields, number: number): Record<string, unknown> {
  const pairs = all(fields, number).map((bytes) => {
    const pair = fieldsOf(bytes);
    const value = fieldsOf(one(pair, 2));
    const text = value.get(1)?.[0];
    const float = value.get(4)?.[0];
    const given = Buffer.isBuffer(text)
      ? text.toString('utf8')
      : Buffer.isBuffer(float)
        ? float.readDoubleLE()
        : int(value, value.has(2) ? 2 : 3);
    return [one(pair, 1).toString('utf8'), given] as const;
  });
  return Object.fromEntries(pairs);
}

export function spansOfProtobuf(body: Buffer): readonly Heard[] {
  return all(fieldsOf(body), 1).flatMap((bytes) => {
    const resourceSpans = fieldsOf(bytes);
    const service = String(pairsIn(fieldsOf(one(resourceSpans, 1)), 1)['service.name']);
    const spans = all(resourceSpans, 2).flatMap((scope) => all(fieldsOf(scope), 2));
    return spans.map((span) => heardOfProtobuf(service, fieldsOf(span)));
  });
}

function heardOfProtobuf(service: string, span: Fields): Heard {
  const links = all(span, 13).map(fieldsOf);
  return {
    service,
    traceId: one(span, 1).toString('hex'),
    spanId: one(span, 2).toString('hex'),
    parentId: one(span, 4).toString('hex'),
    name: one(span, 5).toString('utf8'),
    kind: int(span, 6),
    beganAt: ms(one(span, 7).readBigUInt64LE()),
    endedAt: ms(one(span, 8).readBigUInt64LE()),
    attributes: pairsIn(span, 9),
    links: links.map((link) => `${one(link, 1).toString('hex')}/${one(link, 2).toString('hex')}`),
    isError: int(fieldsOf(one(span, 15)), 3) === ERROR,
  };
}
