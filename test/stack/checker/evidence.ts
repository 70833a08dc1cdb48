/** All that the checker may look at: the clients' history, the journal's rows and the views' rows. Nothing else. */
import type { CommittedBatch } from '../../../src/journal/entry.ts';
import type { Head, SealedBatch } from '../../../src/journal/journal.ts';
import type { Verdict as ChainVerdict } from '../../../src/journal/verifier.ts';
import type { Call } from '../history/record.ts';

export interface Evidence {
  readonly calls: readonly Call[];
  /** Every shard of the deployment. */
  readonly shards: readonly ShardJournal[];
  readonly views: ViewRows;
}

export interface ShardJournal {
  readonly shard: string;
  readonly rows: readonly SealedBatch[];
  /** The rows' entries, decoded. */
  readonly batches: readonly CommittedBatch[];
  /** Where the shard's own record says that it ends. */
  readonly head: Head;
  /** What the verifier says of the rows. */
  readonly chain: ChainVerdict;
}

/** Rows as SQL keeps them: decimals as text. */
export interface ViewRows {
  readonly orders: readonly OrderRow[];
  readonly executions: readonly ExecutionRow[];
  readonly positions: readonly PositionRow[];
  /** How the views compare with ones built anew from the journal. */
  readonly rebuilt: readonly RebuiltTable[];
}

export interface OrderRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly client_order_id: string | null;
  readonly status: string;
  readonly quantity: string;
  readonly executed_quantity: string;
}

export interface ExecutionRow {
  readonly execution_id: string;
  readonly order_id: string;
  readonly account: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: string;
  readonly price: string;
}

export interface PositionRow {
  readonly shard: string;
  readonly account: string;
  readonly symbol: string;
  /** Signed: long is positive. */
  readonly quantity: string;
}

export interface RebuiltTable {
  readonly table: string;
  readonly rows: number;
  readonly equal: boolean;
  readonly firstDifference: string | undefined;
}
