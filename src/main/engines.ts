/** The engine's role: owns the shards that the group deals to it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaBus } from '../bus/kafka-bus.ts';
import { Fault } from '../faults/fault.ts';
import { Gauges } from './gauges.ts';
import { Ownership } from './ownership.ts';
import { type ShardParts, takeUpShard } from './shard-engine.ts';
import type { Site } from './site.ts';

const JOIN_PATIENCE_MS = 60_000;
const JOIN_RETRY_MS = 1_000;

export type EngineParts = Omit<ShardParts, 'gauges'> & { readonly bus: Pick<KafkaBus, 'membership'> };

/** Resolves once we are a member of the group, with shards or without. @throws Fault BUS_UNAVAILABLE or BUS_INVALID */
export async function enginesFor(parts: EngineParts): Promise<void> {
  const { site, bus } = parts;
  const { log, metrics, readiness, undo, onFatal } = site;
  const gauges = new Gauges(metrics, log);
  undo.push(() => gauges.stop());
  const ownership = new Ownership({
    takeUp: (shard) => takeUpShard(shard, { ...parts, gauges }),
    onTrouble: (shard, fault, retryMs) =>
      log.warn({ shard, fault: fault.code, detail: fault.detail, retryMs }, 'the shard waits to be taken up'),
    onFatal,
  });
  readiness.watch('shards', () => {
    const waiting = ownership.dealt.filter((shard) => !ownership.standing.includes(shard));
    return waiting.length === 0 ? undefined : `${waiting.join(', ')}: being taken up`;
  });
  undo.push(() => ownership.stop());
  await joinPatiently(site, () =>
    bus.membership.join({
      assigned: (shards) => ownership.assigned(shards),
      revoked: (shards) => ownership.revoked(shards),
    }),
  );
}

/** A cluster that has just started has no coordinator for a while. @throws Fault BUS_INVALID, or what lasts */
async function joinPatiently({ log }: Site, join: () => Promise<void>): Promise<void> {
  const untilMs = performance.now() + JOIN_PATIENCE_MS;
  for (;;) {
    try {
      return await join();
    } catch (error) {
      const mayPass = error instanceof Fault && error.mayRetry && performance.now() < untilMs;
      if (!mayPass) throw error;
      log.warn({ fault: error.code, detail: error.detail }, 'the group of engines cannot be joined yet');
    }
    await sleep(JOIN_RETRY_MS);
  }
}
