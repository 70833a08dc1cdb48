/** What a shard may hold when it begins: its share of the firm's first limits, or nothing where the firm has limits already. */
import type { Command } from '../core/commands.ts';
import { DEFAULT_LIMITS, type Limits } from '../core/risk/limits.ts';
import { NO_LIMITS, shareOf } from '../firm/limit-shares.ts';
import { bySystem } from '../sequencer/house-keeping.ts';
import type { Sequencer } from '../sequencer/sequencer.ts';
import type { Site } from './site.ts';

const REMEDY =
  'it has no limits yet, so it takes no orders: set the firm’s (PUT /api/v1/risk/limits), with "kill_switch_enabled": false';

/**
 * `founders`: the shards that the firm began with. A shard that was added later begins halted and without limits, and
 * says so until it is given some: what the others may hold already is all that the firm may.
 * @throws Fault JOURNAL_UNAVAILABLE or SEQUENCER_STOPPED
 */
export async function dealFirstLimits(
  { config: { SHARD: shard }, log, readiness, undo }: Pick<Site, 'config' | 'log' | 'readiness' | 'undo'>,
  sequencer: Pick<Sequencer, 'position' | 'submit' | 'read' | 'subscribe'>,
  founders: readonly string[],
): Promise<void> {
  const place = founders.indexOf(shard);
  const reason = place < 0 ? 'added to the firm' : 'share of the first limits';
  // Each is one fact: whoever began and did not come to the end goes on where the journal stands.
  for (const command of beginningOf(place, founders.length).slice(sequencer.position)) {
    await sequencer.submit(command, bySystem(reason));
  }
  let limits = await sequencer.read(({ firm }) => firm.limits);
  const leave = sequencer.subscribe(({ entries }) => {
    for (const event of entries.flatMap(({ events }) => events)) {
      if (event.type === 'LimitsSet') limits = event.limits;
    }
  });
  undo.push(
    leave,
    readiness.note(`limits of ${shard}`, () => (isNothing(limits) ? REMEDY : undefined)),
  );
  if (isNothing(limits)) log.warn(`shard ${shard}: ${REMEDY}`);
}

function beginningOf(place: number, count: number): readonly Command[] {
  if (place < 0) return [{ type: 'SetLimits', limits: NO_LIMITS }, { type: 'EngageKillSwitch' }];
  if (count === 1) return []; // the first limits are its own
  return [{ type: 'SetLimits', limits: shareOf(DEFAULT_LIMITS, place, count) }];
}

const isNothing = (limits: Limits): boolean => Object.values(limits).every((limit: bigint) => limit === 0n);
