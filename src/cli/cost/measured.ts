/** What an order takes, as measured by bench/ on one machine: the figures that the cost model is made of, each with its source. */

export interface Measured {
  readonly value: number;
  /** `µs`: of one core, for an order. `B`: bytes, for an order. `s`: for a million facts. */
  readonly unit: 'µs' | 'B' | 's';
  /** Which benchmark says so, or which page. */
  readonly source: string;
}

/** Placed, acknowledged, filled at once. An order that is filled in n parts has n - 1 facts more. */
export const FACTS_AN_ORDER = 3;

const micros = (value: number, source: string): Measured => ({ value, unit: 'µs', source });
const bytes = (value: number, source: string): Measured => ({ value, unit: 'B', source });
const seconds = (value: number, source: string): Measured => ({ value, unit: 's', source });

/** Of one order. Where a benchmark tells a figure of a fact, it stands here times {@link FACTS_AN_ORDER}. */
export const MEASURED = {
  // Seconds of a core. The table "Many nodes" in bench/README.md, unless another is named.
  door: micros(50, 'http, bare route: 20,000 orders/s, token and schema checked'),
  sender: micros(42, 'nodes, three engines: callers'),
  engine: micros(81, 'nodes, three engines: engine'),
  kafkaCommands: micros(18, 'nodes, three engines: kafka, one copy'),
  kafkaNews: micros(28.2, 'nodes, the publisher: kafka 9.4 a fact, one copy'),
  redis: micros(2.3, 'nodes, three engines: redis'),
  postgresJournal: micros(22, 'nodes, three engines: postgres'),
  postgresViews: micros(117.9, 'nodes, the projector: postgres 39.3 a fact'),
  postgresNews: micros(21, 'nodes, the publisher: postgres 7.0 a fact'),
  projector: micros(92.4, 'nodes, the projector: 30.8 a fact'),
  publisher: micros(136.8, 'nodes, the publisher: 45.6 a fact'),

  // Bytes. The quiet pace of the storage benchmark: few orders share a row, which is the dear case.
  journal: bytes(750, 'storage, quiet: journal'),
  passing: bytes(2_050, 'storage, quiet: events and executions in SQL'),
  orders: bytes(300, 'storage, quiet: orders and positions in SQL'),
  log: bytes(4_800, 'storage, quiet: write-ahead log'),
  backup: bytes(93, 'storage: a backup'),
  commandOnBus: bytes(300, 'docs/operations/capacity.md, Kafka'),
  newsOnBus: bytes(4_000, 'docs/operations/capacity.md, Kafka'),
  answerAtDoor: bytes(700, 'one answer of POST /api/v1/orders over HTTP/1.1: 472 of headers, 224 of body'),

  // Memory that orders take in an engine.
  finished: bytes(40, 'memory: 1,000,000 finished orders'),

  // Of a million facts.
  backupTakes: seconds(7.9, 'docs/operations/backup.md: 5.7 s for 720,042 facts'),
  restoreTakes: seconds(12.3, 'docs/operations/backup.md: RTO'),
  viewsTake: seconds(87, 'docs/operations/backup.md: 62.7 s for 720,042 facts'),
} as const satisfies Readonly<Record<string, Measured>>;
