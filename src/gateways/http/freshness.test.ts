/** What a read waits for: the reader's own writes always, those of everybody for a while. */
import { expect, test } from 'vitest';
import type { Position, UserId } from '../../core/values/names.ts';
import { OwnWritten } from '../../firm/written.ts';
import { Freshness } from './freshness.ts';

const ANA = 'ana' as UserId;
const BEN = 'ben' as UserId;

const at = (positions: Record<string, number>) => new Map(Object.entries(positions) as [string, Position][]);
const headsAt = (positions: Record<string, number>) => ({ heads: async () => at(positions) });

/** Views that stand there and never move; nobody really waits. */
const viewsAt = (positions: Record<string, number>) => ({
  reached: async (shard: string, position: Position) => position <= (positions[shard] ?? 0),
});

test('a reader sees what they wrote, and may miss what others wrote under a burst', async () => {
  const freshness = new Freshness(
    headsAt({ main: 20 }),
    viewsAt({ main: 10 }),
    new OwnWritten(at({ main: 0 })),
  );
  await freshness.wrote(ANA, 'main', 10 as Position);
  await freshness.wrote(BEN, 'main', 20 as Position);
  await expect(freshness.settle(ANA)).resolves.toEqual(at({ main: 10 }));
  await expect(freshness.settle(BEN)).rejects.toMatchObject({ code: 'PROJECTION_BEHIND' });
});

test('a reader sees what they wrote before a restart, which nobody remembers to be theirs', async () => {
  const inherited = new OwnWritten(at({ main: 20 }));
  const heads = headsAt({ main: 20 });
  await expect(new Freshness(heads, viewsAt({ main: 10 }), inherited).settle(ANA)).rejects.toMatchObject({
    code: 'PROJECTION_BEHIND',
  });
  await expect(new Freshness(heads, viewsAt({ main: 20 }), inherited).settle(ANA)).resolves.toEqual(
    at({ main: 20 }),
  );
});

test('a shard that lags holds back only those who wrote there', async () => {
  const heads = headsAt({ east: 30, west: 30 });
  const freshness = new Freshness(heads, viewsAt({ east: 30, west: 5 }), new OwnWritten(at({})));
  await freshness.wrote(ANA, 'east', 30 as Position);
  await freshness.wrote(BEN, 'west', 6 as Position);
  await expect(freshness.settle(ANA)).resolves.toEqual(at({ east: 30 }));
  await expect(freshness.settle(BEN)).rejects.toMatchObject({ code: 'PROJECTION_BEHIND' });
});

test('where nobody knows what the reader wrote, it may be all there is', async () => {
  const freshness = new Freshness(headsAt({ main: 20 }), viewsAt({ main: 10 }), new OwnWritten(undefined));
  await expect(freshness.settle(ANA)).rejects.toMatchObject({ code: 'PROJECTION_BEHIND' });
  await expect(freshness.owedTo(ANA)).resolves.toEqual(at({ main: 20 }));
});

test('an answer that is told late takes nothing back', async () => {
  const written = new OwnWritten(undefined);
  written.note(ANA, 'main', 9 as Position);
  written.note(ANA, 'main', 7 as Position);
  expect(await written.of(ANA)).toEqual(at({ main: 9 }));
});
