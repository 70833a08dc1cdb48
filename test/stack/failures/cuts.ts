/** The cuts that are tried, run by run. Engines and HAProxy have no way between them: an engine is asked over Kafka alone. */
import { HAS_LOOPBACKS } from '../../../stack/layout.ts';
import type { Way } from '../network/link-fault.ts';

export interface Cut {
  readonly title: string;
  /**
   * From whose names begin so to whose names begin so; a pair more is cut at the same time. A way of its own where the one
   * who sends is at the other end.
   */
  readonly between: readonly (readonly [from: string, to: string, way?: Way])[];
  readonly way: Way | 'both';
  readonly lastsMs: number;
}

const SHORT_MS = 3_000;
/** Longer than an engine may be silent before its shards go to others. */
const LONG_MS = 9_000;

/** Longer than a broker may be silent, its copies behind, and its partitions without a leader. */
const LONGER_MS = 14_000;

const short = (title: string, way: Cut['way'], ...between: Cut['between']): Cut => ({
  title,
  between,
  way,
  lastsMs: SHORT_MS,
});
const long = (...words: Parameters<typeof short>): Cut => ({ ...short(...words), lastsMs: LONG_MS });
const longer = (...words: Parameters<typeof short>): Cut => ({ ...short(...words), lastsMs: LONGER_MS });

type Run = readonly [title: string, cuts: readonly Cut[]];

const BROKERS: Run = [
  'Kafka’s brokers',
  [
    longer('a broker and its peers', 'both', ['kafka-2', 'kafka'], ['kafka', 'kafka-2 ']),
    longer(
      'a broker’s peers to it',
      'toServer',
      ['kafka-3', 'kafka', 'toClient'],
      ['kafka', 'kafka-3 ', 'toServer'],
    ),
  ],
];

export const RUNS: readonly Run[] = [
  [
    'API nodes and Kafka',
    [
      short('API nodes and Kafka', 'both', ['api', 'kafka']),
      short('API nodes to Kafka', 'toServer', ['api', 'kafka']),
      short('Kafka to API nodes', 'toClient', ['api', 'kafka']),
      long('one API node alone and Kafka', 'both', ['api-1', 'kafka']),
      long('one API node alone to Kafka', 'toServer', ['api-2', 'kafka']),
      long('Kafka to one API node alone', 'toClient', ['api-3', 'kafka']),
    ],
  ],
  [
    'Redis',
    [
      short('API nodes and Redis', 'both', ['api', 'redis']),
      short('Redis to API nodes', 'toClient', ['api', 'redis']),
      short('engines and Redis', 'both', ['engine', 'redis']),
      short('engines to Redis', 'toServer', ['engine', 'redis']),
    ],
  ],
  [
    'engines and Kafka',
    [
      long('an engine and Kafka', 'both', ['engine-1', 'kafka']),
      long('Kafka to an engine', 'toClient', ['engine-2', 'kafka']),
    ],
  ],
  [
    'PostgreSQL',
    [
      long('an engine and PostgreSQL', 'both', ['engine-3', 'postgres']),
      short('PostgreSQL to engines', 'toClient', ['engine', 'postgres']),
      short('engines to PostgreSQL', 'toServer', ['engine', 'postgres']),
      short('API nodes and PostgreSQL', 'both', ['api', 'postgres']),
      short('PostgreSQL to API nodes', 'toClient', ['api', 'postgres']),
    ],
  ],
  [
    'HAProxy and API nodes',
    [
      short('HAProxy and an API node', 'both', ['haproxy', 'api-1']),
      short('an API node to HAProxy', 'toClient', ['haproxy', 'api-2']),
      short('HAProxy to all API nodes', 'toServer', ['haproxy', 'api']),
    ],
  ],
  [
    'readers of the journal',
    [
      short(
        'publishers and Kafka, projectors and PostgreSQL',
        'both',
        ['publisher', 'kafka'],
        ['projector', 'postgres'],
      ),
      short(
        'Kafka to publishers, PostgreSQL to projectors',
        'toClient',
        ['publisher', 'kafka'],
        ['projector', 'postgres'],
      ),
      short(
        'publishers and PostgreSQL, projectors and Redis',
        'both',
        ['publisher', 'postgres'],
        ['projector', 'redis'],
      ),
      short('publishers to PostgreSQL', 'toServer', ['publisher', 'postgres']),
    ],
  ],
  [
    'PostgreSQL’s standby and primary',
    [
      short('standby and primary', 'both', ['postgres', 'postgres']),
      short('primary to standby', 'toClient', ['postgres', 'postgres']),
      short('standby to primary', 'toServer', ['postgres', 'postgres']),
    ],
  ],
  ...(HAS_LOOPBACKS ? [BROKERS] : []), // without, no proxy stands between brokers
];
