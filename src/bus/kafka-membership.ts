/** Who owns which shard, decided by a consumer group: cooperative, so that only shards that move stand still. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer } from '@platformatic/kafka';
import { Fault } from '../faults/fault.ts';
import type { Log } from '../telemetry/log.ts';
import type { Membership } from './commands.ts';
import {
  asBusFault,
  baseOptions,
  discard,
  type KafkaSettings,
  nameOf,
  withDeadline,
} from './kafka-connection.ts';
import { COMMANDS, ENGINES } from './topics.ts';

export interface KafkaMembershipOptions {
  readonly settings: KafkaSettings;
  readonly shards: readonly string[];
  readonly log: Log;
  /** A member that is not heard of for so long is given up, in milliseconds. Default 6,000, the broker's own least. */
  readonly sessionMs?: number | undefined;
}

type Hears = Parameters<Membership['join']>[0];

const SESSION_MS = 6_000;
const HEARTBEAT_MS = 500;
const REBALANCE_MS = 15_000;
/** So long the others wait for what we are to let go of; what takes longer is fenced by the database. */
const RELEASE_MS = 4_000;
const JOIN_MS = 30_000;
const JOIN_PATIENCE_MS = 60_000;
const RETRY_MS = { first: 200, most: 5_000 };

export class KafkaMembership implements Membership {
  readonly #options: KafkaMembershipOptions;
  readonly #held = new Set<string>();
  #hears: Hears | undefined;
  #consumer: Consumer | undefined;
  #isLeaving = false;
  #turn = 0;

  constructor(options: KafkaMembershipOptions) {
    this.#options = options;
  }

  /** Resolves once we are a member, with shards or without. Also @throws Fault BUS_UNAVAILABLE or BUS_INVALID */
  async join(hears: Hears): Promise<void> {
    this.#hears = hears;
    const end = performance.now() + JOIN_PATIENCE_MS;
    for (;;) {
      try {
        await this.#enter();
        return;
      } catch (error) {
        // A new cluster makes its groups' own topic when the first member asks for it: that takes some seconds.
        const isPassing = error instanceof Fault && error.mayRetry && !this.#isLeaving;
        if (!isPassing || performance.now() > end) throw error;
        this.#options.log.warn({ err: error.message }, 'the group of engines cannot be joined yet');
        this.#turn += 1;
        await sleep(RETRY_MS.first);
      }
    }
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    const consumer = this.#consumer;
    this.#consumer = undefined;
    this.#held.clear();
    if (consumer === undefined) return;
    // In vain when the bus is away: then the session runs out.
    const left = new Promise<void>((resolve) => consumer.leaveGroup(false, () => resolve()));
    await withDeadline('leave', 2_000, left).catch(() => {});
    discard(() => consumer.close(true));
  }

  async #enter(): Promise<void> {
    const consumer = this.#newConsumer();
    this.#consumer = consumer;
    try {
      const joined = consumer.joinGroup({ protocols: [{ name: 'cooperative-sticky', version: 3 }] });
      await withDeadline('join', JOIN_MS, joined);
    } catch (error) {
      discard(() => consumer.close(true));
      throw asBusFault(error);
    }
  }

  #newConsumer(): Consumer {
    const sessionMs = this.#options.sessionMs ?? SESSION_MS;
    const consumer = new Consumer({
      ...baseOptions(this.#options.settings, this.#turn),
      groupId: nameOf(this.#options.settings, ENGINES),
      sessionTimeout: sessionMs,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: Math.max(REBALANCE_MS, sessionMs), // the library takes no less
      heartbeatStallTimeout: REBALANCE_MS,
      protocolsMetadata: async () => {
        // Asked for before each request to join: what is no longer ours must be let go of before it goes out.
        if (this.#consumer === consumer && consumer.assignments !== null) await this.#release(consumer);
        return Buffer.alloc(0);
      },
    });
    consumer.topics.track(nameOf(this.#options.settings, COMMANDS));
    consumer.on('consumer:group:join', () => {
      if (this.#consumer === consumer) this.#settle(consumer);
    });
    const again = (error: unknown): void => {
      if (this.#consumer === consumer) void this.#enterAgain(consumer, error);
    };
    consumer.on('error', again);
    consumer.on('consumer:heartbeat:stalled', again);
    return consumer;
  }

  #ownedBy(consumer: Consumer): readonly string[] {
    const { shards } = this.#options;
    const partitions = (consumer.assignments ?? []).flatMap((one) => one.partitions);
    return partitions.flatMap((partition) => shards[partition] ?? []); // more partitions than shards: spare ones
  }

  /** Lets go of what is held and no longer assigned. */
  async #release(consumer: Consumer): Promise<void> {
    const owned = new Set(this.#ownedBy(consumer));
    const gone = [...this.#held].filter((shard) => !owned.has(shard));
    if (gone.length === 0) return;
    for (const shard of gone) this.#held.delete(shard);
    const { log } = this.#options;
    log.info({ shards: gone }, 'shards go to another engine');
    const released = this.#hears?.revoked(gone) ?? Promise.resolve();
    await withDeadline('release', RELEASE_MS, released).catch((error: unknown) => {
      log.warn({ shards: gone, err: String(error) }, 'shards were not let go of in time');
    });
  }

  /** The group has settled: hears of what is new, and of what went without being asked for. */
  #settle(consumer: Consumer): void {
    void this.#release(consumer);
    const came = this.#ownedBy(consumer).filter((shard) => !this.#held.has(shard));
    for (const shard of came) this.#held.add(shard);
    if (came.length === 0) return;
    this.#options.log.info({ shards: came }, 'shards came to this engine');
    this.#hears?.assigned(came);
  }

  /** Out of the group for good: joins anew, and keeps what it holds until the group says otherwise. */
  async #enterAgain(consumer: Consumer, why: unknown): Promise<void> {
    const { log } = this.#options;
    this.#consumer = undefined;
    discard(() => consumer.close(true));
    log.warn({ err: reasonOf(why) }, 'out of the group of engines: joining anew');
    for (let retryMs = RETRY_MS.first; !this.#isLeaving; retryMs = Math.min(2 * retryMs, RETRY_MS.most)) {
      this.#turn += 1;
      try {
        await this.#enter();
        return;
      } catch (error) {
        this.#consumer = undefined;
        log.warn({ err: reasonOf(error), retryMs }, 'the group of engines cannot be joined');
        await sleep(retryMs);
      }
    }
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Fault || error instanceof Error ? error.message : 'no heartbeat was answered';
