/** The engine's role: owns the shards that the group deals to it. */
import type { KafkaBus } from '../bus/kafka-bus.ts';
import { Claimant } from '../journal/claimant.ts';
import { checkFormats } from '../journal/format-check.ts';
import { Gauges } from './gauges.ts';
import { Ownership } from './ownership.ts';
import { shardsOf } from './roles.ts';
import { type ShardParts, takeUpShard } from './shard-engine.ts';

export type EngineParts = Omit<ShardParts, 'gauges' | 'claimant'> & {
  readonly bus: Pick<KafkaBus, 'membership' | 'reader'>;
};

/**
 * Resolves once we are a member of the group, with shards or without. Who could not own every shard is no member: the
 * group would deal it what it must refuse, and again after each restart.
 * @throws Fault JOURNAL_NEWER, DATABASE_UNAVAILABLE, BUS_UNAVAILABLE or BUS_INVALID
 */
export async function enginesFor(parts: EngineParts): Promise<void> {
  const { site, bus } = parts;
  const { log, metrics, readiness, undo, onFatal } = site;
  const pool = parts.database.pool({ applicationName: 'itirp formats', connectionsMax: 1 });
  await checkFormats(pool, shardsOf(site.config));
  const gauges = new Gauges(metrics, log);
  undo.push(() => gauges.stop());
  const behind = () => Array.from(bus.reader.behind, ([shard, value]) => ({ labels: { shard }, value }));
  undo.push(metrics.busConsumerLag.ask(behind));
  const ownership = new Ownership({
    attemptsAt: (shard) => {
      const claimant = new Claimant();
      return (signal, isFatal) => {
        const own = { ...parts, gauges, claimant, site: { ...site, onFatal: isFatal } };
        return takeUpShard(shard, own, signal);
      };
    },
    onTrouble: (shard, fault, retryMs) =>
      log.warn({ shard, fault: fault.code, detail: fault.detail, retryMs }, 'the shard waits to be taken up'),
    onFatal,
  });
  readiness.watch('shards', () => {
    const waiting = ownership.dealt.filter((shard) => !ownership.standing.includes(shard));
    return waiting.length === 0 ? undefined : `${waiting.join(', ')}: being taken up`;
  });
  undo.push(() => ownership.stop());
  await bus.membership.join({
    assigned: (shards) => ownership.assigned(shards),
    revoked: (shards) => ownership.revoked(shards),
  });
}
