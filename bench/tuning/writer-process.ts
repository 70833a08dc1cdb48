/** One sequencer on the pair of servers: what is asked of it is timed, order by order. */
import { type Database, openDatabase } from '../../src/database/database.ts';
import { PostgresJournal } from '../../src/journal/postgres.ts';
import { SystemClock } from '../../src/sequencer/clock.ts';
import { Sequencer } from '../../src/sequencer/sequencer.ts';
import { groundOf, OrderFlow } from '../core/floor.ts';
import { prepare, trade } from '../durable/callers.ts';
import { serve } from '../run/child.ts';

export interface Place {
  readonly url: string;
  readonly shard: string;
}
export interface Turn {
  readonly callers: number;
  readonly ms: number;
}

const INSTRUMENTS = 12;
const flow = new OrderFlow(INSTRUMENTS, true);
let database: Database | undefined;
let sequencer: Sequencer | undefined;

async function open({ url, shard }: Place): Promise<void> {
  database = await openDatabase({ dataDir: '', url, exclusive: false });
  sequencer = new Sequencer({
    shard,
    journal: new PostgresJournal(database, shard),
    snapshots: undefined,
    clock: new SystemClock(),
    onFatal: (error) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  });
  await sequencer.start();
  await prepare(sequencer, groundOf(INSTRUMENTS));
}

/** Orders placed and filled a second: each of the callers waits for its last one. */
async function turn({ callers, ms }: Turn): Promise<number> {
  if (sequencer === undefined) throw new Error('nothing is open');
  globalThis.gc?.();
  const started = performance.now();
  const orders = await trade(sequencer, flow, callers, started + ms);
  return (1000 * orders) / (performance.now() - started);
}

serve({ open, turn }, async () => {
  await sequencer?.stop({ snapshot: false });
  await database?.close();
});
