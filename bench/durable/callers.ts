/** Those who place orders and wait: each sends its next command when the last one is safe on disk. */
import type { Command } from '../../src/core/commands.ts';
import type { CorrelationId, UserId } from '../../src/core/values/names.ts';
import type { Attribution } from '../../src/journal/entry.ts';
import type { Engine } from '../../src/sequencer/engine.ts';
import { ONE_LOT, type OrderFlow, TRADER } from '../core/floor.ts';

const VENUE = { user: 'venue:SIM' as UserId, origin: 'venue:SIM', reason: undefined };

/** Orders placed and filled by `callers` until `endsAt` (on the monotonic clock, milliseconds). */
export async function trade(
  engine: Engine,
  flow: OrderFlow,
  callers: number,
  endsAt: number,
): Promise<number> {
  let orders = 0;
  const call = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const place = flow.place(ONE_LOT);
      const { correlationId } = place.order;
      await engine.submit(place, { user: TRADER, origin: '127.0.0.1', correlationId, reason: undefined });
      await engine.submit(flow.report(place), { ...VENUE, correlationId });
      orders += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return orders;
}

/** The platform's own hand, for the ground that orders stand on. */
export const byBench: Attribution = {
  user: 'system' as UserId,
  origin: 'system',
  correlationId: '019e0000-0000-7000-8000-000000000000' as CorrelationId,
  reason: 'benchmark',
};

/** What lists the instruments and opens trading, as commands. */
export async function prepare(engine: Engine, commands: Iterable<Command>): Promise<void> {
  for (const command of commands) await engine.submit(command, byBench);
}
