/** What a read waits for: the reader's own writes always, those of everybody for a while. */
import { expect, test } from 'vitest';
import type { Position, UserId } from '../../core/values/names.ts';
import { Freshness } from './freshness.ts';

const at = (position: number): Position => position as Position;
const ANA = 'ana' as UserId;
const BEN = 'ben' as UserId;

/** Views that stand at `viewed` and never move; nobody really waits. */
const viewsAt = (viewed: number) => ({ reached: async (position: Position) => position <= viewed });

test('a reader sees what they wrote, and may miss what others wrote under a burst', async () => {
  const engine = { position: at(0) };
  const freshness = new Freshness(engine, viewsAt(10));
  freshness.wrote(ANA, at(10));
  freshness.wrote(BEN, at(20));
  engine.position = at(20);
  await expect(freshness.settle(ANA)).resolves.toBeUndefined();
  await expect(freshness.settle(BEN)).rejects.toMatchObject({ code: 'PROJECTION_BEHIND' });
});

test('a reader sees what they wrote before a restart, which nobody remembers to be theirs', async () => {
  const freshness = new Freshness({ position: at(20) }, viewsAt(10));
  await expect(freshness.settle(ANA)).rejects.toMatchObject({ code: 'PROJECTION_BEHIND' });
  await expect(new Freshness({ position: at(20) }, viewsAt(20)).settle(ANA)).resolves.toBeUndefined();
});
