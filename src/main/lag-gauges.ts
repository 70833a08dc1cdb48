/** How far a reader is behind its journal: in facts, and by the age of the oldest that it does not have. */
import type { Position } from '../core/values/names.ts';

const EVERY_MS = 1_000;

interface ShardGauge {
  set(labels: { readonly shard: string }, value: number): void;
  remove(labels: { readonly shard: string }): void;
}

export interface LagParts {
  readonly shard: string;
  readonly reader: {
    readonly position: Position;
    /** Undefined: it has not said yet where it stands. */
    readonly lag: number | undefined;
  };
  readonly events: ShardGauge;
  readonly seconds: ShardGauge;
  /** The age of the first fact after a position, in seconds; undefined: there is none. */
  readonly ageOfNext: (position: Position) => Promise<number | undefined>;
  /** For tests. */
  readonly everyMs?: number;
}

/** What is not known is not shown: neither at the start, nor while the journal cannot be asked. Returns how to stop. */
export function showLag(parts: LagParts): () => void {
  const { shard, reader, events, seconds, everyMs = EVERY_MS } = parts;
  let isAsking = false;
  let isOver = false;
  const show = (gauge: ShardGauge, value: number | undefined): void => {
    if (value === undefined || isOver) gauge.remove({ shard });
    else gauge.set({ shard }, value);
  };
  const look = async (): Promise<void> => {
    const { lag } = reader;
    show(events, lag);
    if (lag === undefined || lag === 0) return show(seconds, lag);
    if (isAsking) return;
    isAsking = true;
    show(seconds, await parts.ageOfNext(reader.position).catch(() => undefined));
    isAsking = false;
  };
  const timer = setInterval(() => void look(), everyMs);
  return () => {
    isOver = true;
    clearInterval(timer);
    show(events, undefined);
    show(seconds, undefined);
  };
}
